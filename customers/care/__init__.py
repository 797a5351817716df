"""Reads that say how good the archive is: which pages mend it, and what each of them lists."""
