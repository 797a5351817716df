"""The evidence pack of a ticket: everything known about the matter, as one file that proves itself unchanged."""
