"""回访抽检: which completed calls of a week are inspected, and what an inspection is worth (domain 4.6)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

PASSES_AT = Decimal(80)
#: what a check call can judge: the customer knows what was asked and what was said, not how it sounded
CALL_BACK_ITEMS = frozenset({"complete", "truthful"})
LISTEN, CALL_BACK = "listen", "call_back"
FALSE, NOT_REACHED = "false", "not_reached"
_CENT = Decimal("0.01")


class Mark(NamedTuple):
    """The points given for one line of the sheet, of at most so many."""

    points: int
    of: int


def how_many(calls: int, *, percent: int, at_least: int) -> int:
    """How many of a caller's completed calls of a week are inspected: the share rounded up, a minimum, never more."""
    share = -(-calls * percent // 100)
    return min(calls, max(share, at_least))


def draw(calls: Collection[int], wanted: int, *, salt: str) -> list[int]:
    """So many of the calls, at random but the same on every draw: by the hash of `salt` (store and week) and key."""

    def lot(key: int) -> bytes:
        return hashlib.sha256(f"{salt}:{key}".encode()).digest()

    return sorted(sorted(calls, key=lot)[:wanted])


def items_for(method: str, codes: Sequence[str]) -> list[str]:
    """The lines of the sheet that a method can judge."""
    return [code for code in codes if method != CALL_BACK or code in CALL_BACK_ITEMS]


def score(marks: Mapping[str, Mark], verdict: str) -> Decimal | None:
    """Points of the lines judged as per cent, half up to cents; 0 for a false record, None where nobody was reached.

    Raises ValueError for points outside 0…of, or without any line.
    """
    if verdict == NOT_REACHED:
        return None
    if verdict == FALSE:
        return Decimal(0).quantize(_CENT)
    if any(not 0 <= mark.points <= mark.of for mark in marks.values()):
        raise ValueError("points lie between 0 and the weight of the line")
    of = sum(mark.of for mark in marks.values())
    if not of:
        raise ValueError("no line was judged")
    given = sum(mark.points for mark in marks.values())
    return (Decimal(100 * given) / of).quantize(_CENT, ROUND_HALF_UP)


def passes(worth: Decimal) -> bool:
    """Whether an inspection was passed."""
    return worth >= PASSES_AT
