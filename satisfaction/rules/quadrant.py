"""Items by performance and importance: four fields that say what to keep, what to fix first and what can wait.

Performance is an item's mean. Importance is how closely its answers go with the overall satisfaction of the same
responses (Pearson's correlation); where too few responses have both answers, the item's weight stands in for all items,
never for some of them. The fields are parted at the mean performance and the mean importance of the items shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from satisfaction.rules.periods import FEW, ZERO, Mean

#: important and good: keep · important and weak: first · unimportant and good: hold · unimportant and weak: later
STRENGTH, FIRST, HOLD, LATER = "strength", "first", "hold", "later"
FIELDS = (FIRST, STRENGTH, LATER, HOLD)
#: a picture of fewer items would part them at themselves
ITEMS_AT_LEAST = 4
CORRELATION, WEIGHT = "correlation", "weight"


@dataclass(frozen=True)
class Sums:
    """What a correlation needs of pairs (answer to the item, overall answer): n, sums, squares and products."""

    n: int
    x: Decimal
    y: Decimal
    xx: Decimal
    yy: Decimal
    xy: Decimal


@dataclass(frozen=True)
class Candidate:
    """An item with its mean, its weight, and the sums of its answers beside the overall ones."""

    code: str
    label: str
    mean: Mean
    weight: Decimal
    pairs: Sums | None


@dataclass(frozen=True)
class QuadrantPoint:
    """One item in the picture: n, mean 0–100, importance (−1…1, or a weight), and the field it stands in."""

    code: str
    label: str
    n: int
    mean: Decimal
    importance: Decimal
    field: str
    whole: Mean


@dataclass(frozen=True)
class Quadrant:
    """The items in their fields, where the fields are parted, and by which method importance was found."""

    points: tuple[QuadrantPoint, ...]
    method: str
    mean: Decimal
    importance: Decimal
    #: items with too few answers to stand anywhere
    left_out: tuple[str, ...]

    def of(self, field: str) -> list[QuadrantPoint]:
        """The items of a field, the most important first."""
        return sorted((one for one in self.points if one.field == field), key=lambda one: (-one.importance, one.mean))


def correlation(sums: Sums | None) -> Decimal | None:
    """Pearson's r of at least FEW pairs; None for fewer, and where one side never varies."""
    if sums is None or sums.n < FEW:
        return None
    spread = (sums.n * sums.xx - sums.x * sums.x) * (sums.n * sums.yy - sums.y * sums.y)
    if spread <= 0:
        return None
    found = (sums.n * sums.xy - sums.x * sums.y) / spread.sqrt()
    return min(max(found, Decimal(-1)), Decimal(1))


def quadrant_of(candidates: Sequence[Candidate]) -> Quadrant | None:
    """Every item with enough answers in its field; None where fewer than ITEMS_AT_LEAST have enough."""
    enough = [one for one in candidates if one.mean.is_enough]
    found = {one.code: correlation(one.pairs) for one in enough}
    by_correlation: dict[str, Decimal] = {code: value for code, value in found.items() if value is not None}
    if len(by_correlation) >= ITEMS_AT_LEAST:
        method, importance = CORRELATION, by_correlation
    else:
        method, importance = WEIGHT, {one.code: one.weight for one in enough}
    shown = [one for one in enough if one.code in importance]
    if len(shown) < ITEMS_AT_LEAST:
        return None
    left_out = tuple(one.label for one in candidates if one.code not in importance)
    return _placed(shown, importance, method, left_out)


def _placed(
    shown: Sequence[Candidate], importance: Mapping[str, Decimal], method: str, left_out: tuple[str, ...]
) -> Quadrant:
    middle = sum((one.mean.value or ZERO for one in shown), ZERO) / len(shown)
    half = sum((importance[one.code] for one in shown), ZERO) / len(shown)
    points = tuple(
        QuadrantPoint(
            code=one.code,
            label=one.label,
            n=one.mean.n,
            mean=one.mean.value or ZERO,
            importance=importance[one.code],
            field=_field((one.mean.value or ZERO) >= middle, importance[one.code] >= half),
            whole=one.mean,
        )
        for one in shown
    )
    return Quadrant(points, method, middle, half, left_out)


def _field(is_good: bool, is_important: bool) -> str:
    if is_important:
        return STRENGTH if is_good else FIRST
    return HOLD if is_good else LATER
