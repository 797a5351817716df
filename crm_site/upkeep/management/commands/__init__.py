"""What an administrator asks for at the command line."""
