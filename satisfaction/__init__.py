"""What the customer answered and what it is worth; improvement measures."""
