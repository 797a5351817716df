"""One file that holds an installation, database and files, with the figures by which a restore proves itself."""
