"""Whether a figure reaches its target: by the value as it is shown, never by decimals that nobody sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol, TypeVar

REACHED, MISSED, TOO_FEW = "reached", "missed", "too_few"


class TargetTerms(Protocol):
    """What the choice needs of a target; models.Target has it."""

    store_id: int | None
    figure: str
    part: str
    since: date
    value: Decimal


T = TypeVar("T", bound=TargetTerms)


def holding(targets: Iterable[T], *, store_id: int | None, figure: str, month: date, part: str = "") -> T | None:
    """The target that holds in a month: a store's before the company's, then the latest with since ≤ month; or None.

    `month` is its first day; store None asks for the company's alone.
    """
    fitting = [
        one
        for one in targets
        if one.store_id in (None, store_id) and one.figure == figure and one.part == part and one.since <= month
    ]
    return max(fitting, key=lambda one: (one.store_id is not None, one.since), default=None)


@dataclass(frozen=True)
class Against:
    """A shown value beside its target: the target, the difference of what is shown, and what that means."""

    target: Decimal
    by: Decimal | None
    state: str


def against(shown: Decimal | None, target: Decimal | None, *, places: int = 1) -> Against | None:
    """A value held against its target, both in the same unit; None without a target.

    `shown` None is a sample too small. The value counts as it is written with `places` decimals: 89.95 reads 90.0
    and reaches 90.
    """
    if target is None:
        return None
    if shown is None:
        return Against(target, None, TOO_FEW)
    written = shown.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return Against(target, written - target, REACHED if written >= target else MISSED)
