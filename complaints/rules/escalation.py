"""Who is told when a limit runs out (domain 6.2): a share of the ruling limit, and the role that hears of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from typing import NamedTuple, TypeVar

from complaints.rules import clock
from crm_site.worktime.rules import SHANGHAI, WorkCalendar

Person = TypeVar("Person")


class Stage(NamedTuple):
    """A role hears of a ticket at this share of its ruling limit, in per cent; 0 is at once."""

    percent: int
    role: str


#: what every installation starts with
STAGES: dict[str, tuple[Stage, ...]] = {
    "L1": (Stage(100, "head"),),
    "L2": (Stage(50, "head"), Stage(100, "manager")),
    "L3": (Stage(0, "manager"), Stage(100, "director")),
    "L4": (Stage(0, "director"), Stage(0, "manager")),
}
#: where a role has nobody, the next higher one hears of it
HIGHER = {"specialist": "head", "frontline": "head", "head": "manager", "manager": "director", "admin": "manager"}
DECENT = (time(9), time(21))
#: an L4 ticket is to show progress once a day
UPDATE_WITHIN = timedelta(hours=24)


def reached(stages: Iterable[Stage], share: float) -> list[Stage]:
    """The stages that a ticket has come to at this share of its limit."""
    return [stage for stage in stages if share * 100 >= stage.percent]


def share_used(
    start: datetime,
    due: datetime,
    now: datetime,
    kind: str,
    store: WorkCalendar,
    *,
    pauses: Iterable[clock.Pause] = (),
) -> float:
    """How much of the way from start to due has passed, counted by the level's own clock, pauses left out.

    1 or more when overdue.
    """
    if now >= due:
        return 1.0
    stood = list(pauses)
    whole = clock.used(start, due, kind, store, stood)
    return clock.used(start, now, kind, store, stood) / whole if whole else 1.0


def is_decent(level_code: str, now: datetime, store: WorkCalendar) -> bool:
    """Whether people may be told now: L1 and L2 while the store is open, L3 by day, L4 at any hour."""
    if level_code == "L4":
        return True
    if level_code == "L3":
        return by_day(now)
    return store.is_open_at(now)


def by_day(now: datetime) -> bool:
    """Whether it is an hour at which nobody is woken: 9:00 to 21:00."""
    return DECENT[0] <= now.astimezone(SHANGHAI).time() <= DECENT[1]


def receivers(role: str, find: Callable[[str], list[Person]]) -> tuple[str, list[Person]]:
    """The role that hears of it in the end and its people: the named one, else the next higher one that has somebody.

    `find` gives the people of a role. ('', []) where nobody is left.
    """
    while role:
        found = find(role)
        if found:
            return role, found
        role = HIGHER.get(role, "")
    return "", []


def lacks_update(last: datetime, now: datetime) -> bool:
    """Whether an L4 ticket has shown no progress for a day."""
    return now - last >= UPDATE_WITHIN
