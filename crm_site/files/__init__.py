"""Every file that enters or leaves: checked, stored, served with rights, logged, expired."""
