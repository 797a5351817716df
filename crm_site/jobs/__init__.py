"""The ledger of background work: exactly one effect for each business key."""
