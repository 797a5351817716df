"""Which target holds where several are set, and whether a share reaches it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Protocol, TypeVar

HUNDRED = Decimal(100)


class TargetTerms(Protocol):
    """What the choice needs of a target; models.Target has it."""

    store_id: int | None
    indicator: str
    role: str
    month: date | None
    since: date | None
    until: date | None
    value: Decimal


T = TypeVar("T", bound=TargetTerms)


class Place(NamedTuple):
    """Where a target is asked for: a store (None: the company), a role ('' = everybody), the first day of a month."""

    store_id: int | None
    role: str
    month: date


def holds(target: TargetTerms, place: Place) -> bool:
    """Whether a target is for a place at all."""
    is_here = target.store_id is None or target.store_id == place.store_id
    is_then = (target.since or place.month) <= place.month <= (target.until or place.month)
    return is_here and is_then and target.role in ("", place.role) and target.month in (None, place.month)


def rank(target: TargetTerms) -> tuple[bool, bool, bool]:
    """How particular a target is: a store's before the company's, then a month's, then a role's."""
    return target.store_id is not None, target.month is not None, bool(target.role)


def effective(targets: Iterable[T], place: Place) -> dict[str, T]:
    """{indicator: the most particular target that holds in a place}."""
    found: dict[str, T] = {}
    for target in targets:
        if holds(target, place) and (target.indicator not in found or rank(target) > rank(found[target.indicator])):
            found[target.indicator] = target
    return found


def is_met(share: Decimal | None, percent: Decimal | None, better: str) -> bool | None:
    """Whether a share (0…1) reaches a target in per cent; None where there is none, or nothing to judge."""
    if share is None or percent is None or not better:
        return None
    reached = share * HUNDRED
    return reached <= percent if better == "less" else reached >= percent
