"""Every change about personal data: a module for each group."""
