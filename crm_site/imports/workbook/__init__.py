"""Workbooks that imports give out: the user's own file with its errors marked, and filled-in templates."""
