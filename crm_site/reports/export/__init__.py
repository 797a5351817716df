"""Filling a manufacturer's own sheet: its columns, our fields, the month's list."""
