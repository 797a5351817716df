"""Pages of imports, by what a person does: bring and confirm, map, correct, undo, fetch files."""
