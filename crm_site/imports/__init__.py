"""A spreadsheet becomes staged rows, a preview, an apply, an undo."""
