"""What people type into revisits, read and checked."""
