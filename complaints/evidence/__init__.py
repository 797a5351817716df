"""The evidence pack of a ticket: everything that is known about the matter, as one file that proves itself unchanged."""
