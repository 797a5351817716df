"""What happened, by whom: the append-only trail that is written from everywhere and knows nobody."""
