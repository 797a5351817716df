"""Reads for the pages of personal data, a module for each group."""
