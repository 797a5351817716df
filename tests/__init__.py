"""The tests of Huifang: `make test` runs all, `.venv/bin/pytest tests/ROOM` a part of them."""
