"""Two people at one form: what combines by itself, and what one of them has to decide; compares plain texts."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Fate(StrEnum):
    """What becomes of one field when a form is saved."""

    #: it stands already as I want it
    SAME = "same"
    #: only I changed it: it is written
    MINE = "mine"
    #: only somebody else changed it: it stays as they left it
    THEIRS = "theirs"
    #: both changed it, differently: nobody's text is overwritten before somebody has compared
    BOTH = "both"


def fate(shown: str | None, stored: str, mine: str) -> Fate:
    """What becomes of one field: what my page showed (None: unknown), what stands now, and what I sent."""
    if mine == stored:
        return Fate.SAME
    if mine == shown:
        return Fate.THEIRS
    return Fate.MINE if stored == shown else Fate.BOTH


def fates(shown: Mapping[str, str], stored: Mapping[str, str], mine: Mapping[str, str]) -> dict[str, Fate]:
    """The fate of every field that was sent; a field that does not stand anywhere, such as a note, counts as empty."""
    return {name: fate(shown.get(name), stored.get(name, ""), text) for name, text in mine.items()}
