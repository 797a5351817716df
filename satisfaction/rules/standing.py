"""How a figure stands: its rank among others, three months where one says too little, and until when it may move.

A rank is told only where the intervals tell it: 1 + the number of members whose interval lies wholly above one's own.
Members that nothing tells apart have the same number of members above them and share a place (并列). A member with
fewer than ENOUGH answers takes no rank and holds nobody down. See docs/decisions/0007-satisfaction-scores.md.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from satisfaction.rules.periods import Mean, Rate

#: over how many months a member with too few answers in the month may be shown, marked
ROLLING_MONTHS = 3
#: a scored call follows its delivery or hand-back by so many days at most: 3 days, a window of 3, up to 14 days late
CALLS_FOLLOW = 20

Member = TypeVar("Member", bound=Hashable)


@dataclass(frozen=True)
class Rank:
    """A place among `of` members; `is_shared` where another member has the same place."""

    place: int
    is_shared: bool
    of: int


def ranks(means: Mapping[Member, Mean]) -> dict[Member, Rank]:
    """The rank of every member that has enough answers and an interval; the others have none."""
    ends = {
        member: (mean.low, mean.high)
        for member, mean in means.items()
        if mean.is_enough and mean.low is not None and mean.high is not None
    }
    lows = sorted(low for low, _high in ends.values())
    places = {member: 1 + len(lows) - bisect_right(lows, high) for member, (_low, high) in ends.items()}
    taken = Counter(places.values())
    return {member: Rank(place, taken[place] > 1, len(ends)) for member, place in places.items()}


def needs_rolling(now: Mean | Rate, rolling: Mean | Rate | None) -> bool:
    """Whether three months are shown instead of one: the month says too little and the three say enough."""
    return now.shown is None and rolling is not None and rolling.shown is not None


def settled_on(last: date, *, by_occasion: bool) -> date:
    """The first day on which a period's figures no longer move by new calls.

    By the month of the call that is the day after its last; by the month of delivery or hand-back the calls about it
    still go on for CALLS_FOLLOW days. Later only an exclusion or an appeal moves it, each with its reason.
    """
    return last + timedelta(days=1 + (CALLS_FOLLOW if by_occasion else 0))


def is_provisional(last: date, today: date, *, by_occasion: bool = False) -> bool:
    """Whether new calls may still move the figures of a period that ends with `last`."""
    return today < settled_on(last, by_occasion=by_occasion)
