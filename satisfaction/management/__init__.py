"""Commands of satisfaction."""
