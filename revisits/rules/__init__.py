"""The arithmetic of revisits in plain Python: when a call is due, whom to dial, and what a call's result causes."""
