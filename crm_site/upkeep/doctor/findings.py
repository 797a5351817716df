"""What the doctor has to say: a sentence, how grave it is, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class Grade(IntEnum):
    """How grave; the gravest one found is the command's exit code."""

    FINE = 0
    WATCH = 1
    WRONG = 2


@dataclass(frozen=True)
class Finding:
    """The outcome of one check."""

    grade: Grade
    said: str
    advice: str = ""


@dataclass(frozen=True)
class Check:
    """One thing that is looked at: `look(now)` gives a finding; `needs` is what must stand before it can be asked."""

    code: str
    look: Callable[[datetime], Finding]
    needs: str = ""  # "", "database" or "tables"


def fine(said: str) -> Finding:
    """As it should be."""
    return Finding(Grade.FINE, said)


def watch(said: str, advice: str) -> Finding:
    """It runs, but somebody should see to it."""
    return Finding(Grade.WATCH, said, advice)


def wrong(said: str, advice: str) -> Finding:
    """People are kept from working, or data are in danger."""
    return Finding(Grade.WRONG, said, advice)
