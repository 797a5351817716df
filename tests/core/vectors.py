"""Vectors that nobody on the team wrote, read from ../shared/data (or HUIFANG_SHARED); tests skip where absent."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("HUIFANG_SHARED") or Path(__file__).resolve().parents[3] / "shared") / "data"


def path(name: str) -> Path:
    """A file of the shared data; skips the test, with the reason, where it is absent."""
    found = SHARED / name
    if not found.exists():
        pytest.skip(f"{found} is absent: outside vectors are not part of the project")
    return found


def table(name: str) -> list[list[str]]:
    """The rows of a tab-separated file without its header."""
    return [line.split("\t") for line in path(name).read_text(encoding="utf-8").splitlines()[1:]]
