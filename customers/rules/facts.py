"""What follows from facts: state and release of an order, the end of an ownership, the order of phone numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

OPEN, SETTLED, VOID = "open", "settled", "void"

#: what divides the items of one order
ITEM_MARK = "；"


def order_state(stated: str | None, settled: date | None, handed_back: date | None) -> str:
    """Where an order stands: as the file says, else settled once it was settled or handed back."""
    if stated:
        return stated
    return SETTLED if settled or handed_back else OPEN


def released_on(state: str, settled: date | None, handed_back: date | None) -> date | None:
    """The day from which revisits count: hand-back, else settlement; None while open or void (domain 4.1)."""
    return (handed_back or settled) if state == SETTLED else None


def last_day_before(successor: date, since: date | None) -> date:
    """The last day of an ownership that another one follows: the day before, but never before it began."""
    day = successor - timedelta(days=1)
    return max(day, since) if since else day


def phones_in_order(standing: Sequence[str], source: Sequence[str], said: Sequence[str]) -> list[str]:
    """The numbers of a customer in the order in which they are dialled, after a file has said some.

    Numbers that the last import knew and somebody has removed since stay away. A file's first number leads, unless a
    person has put another one first since the last import.
    """
    wanted = [number for number in said if number in standing or number not in source]
    led_by_import = not standing or standing[0] in source or not source
    both = [*wanted, *standing] if led_by_import else [*standing, *wanted]
    return list(dict.fromkeys(both))


class Fold(NamedTuple):
    """An amount of several lines of one order, and whether each line repeated it (an amount of the whole order)."""

    amount: Decimal | None
    repeated: bool


def fold_amount(first: Decimal | None, second: Decimal | None, *, lines: int, repeated: bool) -> Fold:
    """The amount of an order of `lines` folded lines after one more; equal amounts are taken to be the whole order's.

    `repeated` says whether all lines so far had the same amount, which then stands once. Whether to sum or to take the
    repeated amount is what a person may have to decide; the row says which was done.
    """
    if first is None or second is None:
        return Fold(second if first is None else first, repeated)
    if repeated and first == second:
        return Fold(first, True)
    so_far = first * lines if repeated else first
    return Fold(so_far + second, False)


def join_items(first: str | None, second: str | None, limit: int = 1000) -> str | None:
    """The items of two lines, each once, in their order."""
    parts = [part for text in (first, second) if text for part in text.split(ITEM_MARK)]
    return ITEM_MARK.join(dict.fromkeys(parts))[:limit] or None
