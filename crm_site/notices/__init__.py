"""What a user should know now."""
