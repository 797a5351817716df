"""What the pages of personal data decide by: plain Python, a module for each group."""
