"""The desk under load, in little: the long forms are `make bench-load` and `make bench-soak`."""
