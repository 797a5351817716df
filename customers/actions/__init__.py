"""Every change of the archive: one function each, locked, refused where the rules say so, written to the trail."""
