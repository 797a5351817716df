"""What of several statements about consent holds: the latest day, on one day the one noted last."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class Told(NamedTuple):
    """One statement: on which day, in which order it was noted, and whether consent was given."""

    on: date
    order: int
    is_given: bool


def holds(told: Iterable[Told]) -> bool | None:
    """Whether consent holds by what was told; None where nothing was."""
    latest = max(told, default=None)
    return latest.is_given if latest else None
