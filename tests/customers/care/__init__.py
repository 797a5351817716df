"""Archive care: numbers, addresses, reception, corrections, the score."""
