"""The pages of archive care: the hub, numbers, addresses, corrections, the score."""
