"""Which files can hold tests of a stage: those that write its marker down; and which of them one process runs."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parent.parent

MARKERS = ("races", "browser", "smoke")


def is_without(path: Path, wanted: str) -> bool:
    """Whether no test of this file can be wanted by `-m wanted`, because its text does not name the marker."""
    if wanted not in MARKERS or not path.name.startswith("test_") or path.suffix != ".py":
        return False
    return f"mark.{wanted}" not in path.read_text()


def assert_found(items: Iterable[pytest.Item]) -> None:
    """Refuse a marker that a test has from elsewhere than its own file: its stage would not find it."""
    for item in items:
        for marker in MARKERS:
            if item.get_closest_marker(marker) and is_without(item.path, marker):
                raise pytest.UsageError(f"{item.nodeid} is a test of {marker}, but its file does not say so")


class ByWorld(LoadScopeScheduling):
    """Gives each process whole files, as `--dist loadfile` does, and all that look at the demo world to one of them."""

    def _split_scope(self, nodeid: str) -> str:
        return _world_of(nodeid.partition("::")[0])


@functools.cache
def _world_of(path: str) -> str:
    return "demo_stack" if "demo_stack" in (ROOT / path).read_text() else path
