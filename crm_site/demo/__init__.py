"""The demo world: two invented dealerships with a year of history, made anew by one command; wiring only."""
