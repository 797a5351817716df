"""Measurements of Huifang: `make bench` runs all of them, `make bench-NAME` runs bench/NAME.py."""
