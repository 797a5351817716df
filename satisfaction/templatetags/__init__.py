"""Template tags of satisfaction."""
