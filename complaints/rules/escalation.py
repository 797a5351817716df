"""Who is told when a limit runs out (domain 6.2): a share of the ruling limit, and the role that hears of it."""

from __future__ import annotations

from datetime import datetime, time

from complaints.rules import clock
from crm_site.worktime.rules import SHANGHAI, WorkCalendar

#: level -> (share of the ruling limit, role); 0 = at once
STAGES: dict[str, tuple[tuple[float, str], ...]] = {
    "L1": ((1.0, "head"),),
    "L2": ((0.5, "head"), (1.0, "manager")),
    "L3": ((0.0, "manager"), (1.0, "director")),
    "L4": ((0.0, "manager"), (0.0, "director")),
}
DECENT = (time(9), time(21))


def reached(level_code: str, share: float) -> list[tuple[float, str]]:
    """The stages that a ticket of this level has reached at this share of its limit."""
    return [stage for stage in STAGES.get(level_code, ()) if share >= stage[0]]


def share_used(start: datetime, due: datetime, now: datetime, kind: str, store: WorkCalendar) -> float:
    """How much of the way from start to due has passed, counted by the level's own clock; 1 or more when overdue."""
    if now >= due:
        return 1.0
    whole = clock.used(start, due, kind, store)
    return clock.used(start, now, kind, store) / whole if whole else 1.0


def is_decent(level_code: str, now: datetime, store: WorkCalendar) -> bool:
    """Whether people may be told now: L1 and L2 while the store is open, L3 by day, L4 at any hour."""
    if level_code == "L4":
        return True
    if level_code == "L3":
        return DECENT[0] <= now.astimezone(SHANGHAI).time() <= DECENT[1]
    return store.is_open_at(now)
