"""Contact pressure: how many calls of ours a number may get within some days, and from when on it may get one more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple


class Cap(NamedTuple):
    """At most so many calls begun by us within so many days on end."""

    calls: int
    days: int


#: at most 2 in 7 days and 4 in 30 (domain 4.1)
CAPS = (Cap(2, 7), Cap(4, 30))
#: no call that is older counts
LONGEST = max(cap.days for cap in CAPS)


def allowed_from(begun: Iterable[date], today: date) -> date:
    """The first day from `today` on that leaves room for one more call; `begun`: the days of those begun so far.

    A call that used to be `days` ago no longer stands in the way.
    """
    days = sorted(begun)
    found = today
    for cap in CAPS:
        if len(days) >= cap.calls:
            found = max(found, days[-cap.calls] + timedelta(days=cap.days))
    return found
