"""Plain helpers that every room stands on; no tables, no URLs."""
