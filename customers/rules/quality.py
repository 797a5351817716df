"""What the score of the archive is: the mean of the shares of its checks, each between 0 and 100."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

#: a card of which so many per cent of the facts asked for are filled counts as complete (domain 4.5, 档案完整率 ≥ 90 %)
COMPLETE_FROM = 90
#: shares that the trade expects, by check (domain 4.5: 号码有效率 ≥ 95 %, 档案完整率 ≥ 90 %)
TARGETS = {"phone": 95, "complete": 90}
#: a car bought so many days ago has its own plate
PLATE_AFTER_DAYS = 60
#: an employee's score of fewer cards than this says little
FEW = 30

_TENTH = Decimal("0.1")


def share(good: int, total: int) -> Decimal | None:
    """Per cent of the cards looked at that are good, to a tenth; None where none was looked at."""
    return (Decimal(100 * good) / total).quantize(_TENTH, ROUND_HALF_UP) if total else None


def score(counts: Iterable[tuple[int, int]]) -> Decimal | None:
    """The mean of the shares of (good, total), to a tenth; a check that looked at nothing is left out of it.

    Each check weighs the same, however many cards it looks at: a bad number and a missing plate are one fault each.
    """
    shares = [Decimal(100 * good) / total for good, total in counts if total]
    return (sum(shares, Decimal()) / len(shares)).quantize(_TENTH, ROUND_HALF_UP) if shares else None
