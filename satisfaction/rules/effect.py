"""Whether an improvement measure worked: as long a time before as after it, counts or scores with their intervals.

Counts are set against visits where both times have enough of them, else stand for themselves. A count gets Poisson's
95 % interval by Byar's approximation; two counts are compared by the share of the second in both, which is binomial
(Wilson), and two scores by Newcombe's interval of the difference. Only an interval that excludes "no change" is a
change; a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from satisfaction.rules.periods import Mean, Z, change, rate_of

#: fewer visits than this make no rate; the bare counts of two equal times are compared instead
ENOUGH_VISITS = 30
#: no longer looked at: older and newer facts than this say little about the measure
LONGEST = 365
BETTER, SAME, WORSE, FEW = "better", "same", "worse", "few"


@dataclass(frozen=True)
class Window:
    """The days first…last, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Counted:
    """So many cases on so many visits."""

    n: int
    visits: int


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval."""

    value: Decimal
    low: Decimal
    high: Decimal


def windows(begun: date, done: date, today: date) -> tuple[Window, Window] | None:
    """As many days before the measure was begun as have passed since it was done; None before the first whole day."""
    days = min((today - done).days - 1, LONGEST)
    if days < 1:
        return None
    before = Window(begun - timedelta(days=days), begun - timedelta(days=1))
    return before, Window(done + timedelta(days=1), done + timedelta(days=days))


def poisson(n: int) -> tuple[Decimal, Decimal]:
    """Byar's 95 % interval of a count, exact to a hundredth from 1 on."""
    low = Decimal(0)
    if n:
        low = n * (1 - Decimal(1) / (9 * n) - Z / (3 * Decimal(n).sqrt())) ** 3
    more = Decimal(n + 1)
    return max(low, Decimal(0)), more * (1 - 1 / (9 * more) + Z / (3 * more.sqrt())) ** 3


def per_hundred(one: Counted) -> Interval:
    """Cases for every hundred visits."""
    low, high = poisson(one.n)
    share = Decimal(100) / one.visits
    return Interval(one.n * share, low * share, high * share)


def plain(one: Counted) -> Interval:
    """The count by itself."""
    return Interval(Decimal(one.n), *poisson(one.n))


def has_visits(before: Counted, after: Counted) -> bool:
    """Whether both times have enough visits for a rate."""
    return min(before.visits, after.visits) >= ENOUGH_VISITS


def fewer(before: Counted, after: Counted) -> str:
    """Whether cases became fewer: better, worse, the same within chance; few where there are none to compare."""
    total = before.n + after.n
    if not total:
        return FEW
    visits = has_visits(before, after)
    expected = Decimal(after.visits) / (before.visits + after.visits) if visits else Decimal("0.5")
    share = rate_of(after.n, total)
    if share.high is not None and share.high < expected:
        return BETTER
    return WORSE if share.low is not None and share.low > expected else SAME


def higher(before: Mean, after: Mean) -> str:
    """Whether a score rose: better, worse, the same within chance; few where a sample is too small."""
    moved = change(after, before)
    if moved is None:
        return FEW
    if not moved.is_real:
        return SAME
    return BETTER if moved.by > 0 else WORSE
