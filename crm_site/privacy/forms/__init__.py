"""What people type about personal data, turned into clean values."""
