"""Faults of the parts that a house stands on: short forms of `make faults`."""
