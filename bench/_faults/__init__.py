"""What `make faults` does to a running house: kills, stops and robs its parts, and counts what people and rows lost."""
