"""Compares the rows of an old register with the tickets and the archive; reads by a fixed number of queries."""
