"""Takes the rows of a spreadsheet into the archive: which person and car is meant, what changes; writes nothing."""
