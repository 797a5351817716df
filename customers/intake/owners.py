"""Who owned a car before: whose a visit was that a list brings late, and which ownership a list only repeats."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple


class Former(NamedTuple):
    """An ownership that has ended; `person` is the kept customer."""

    person: Any
    since: date | None
    until: date


def owner_on(former: Iterable[Former], day: date) -> Any | None:
    """The former owner on whose days a day lies; None where nobody's do."""
    return next((one.person for one in former if (one.since is None or one.since <= day) and day <= one.until), None)


def is_over(former: Iterable[Former], person: Any, since: date | None) -> bool:
    """Whether somebody owned the car before, and `since` names no day after that: a list that repeats the past."""
    mine = [one.until for one in former if one.person is person]
    return bool(mine) and (since is None or since <= max(mine))


def after(former: Iterable[Former], since: date | None) -> date | None:
    """The first day of an ownership that follows former ones: as it was told, but never before the last one ended."""
    ended = max((one.until for one in former), default=None)
    if ended is None:
        return since
    following = ended + timedelta(days=1)
    return max(since, following) if since else following
