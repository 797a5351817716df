"""Home for each role, and what every page's frame shows."""
