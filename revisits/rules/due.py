"""When a call is due: anchor day and rule to due day and deadline along the desk's calendar, and what is too late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from crm_site.worktime.rules import DeskCalendar

#: how long after its due day an occasion may still be called, and is still recorded as missed (architecture 2)
CALLABLE_LATE_DAYS = 14
RECORDED_LATE_DAYS = 45
#: how long a task may be called after its deadline before it counts as failed
GRACE_DAYS = 14
#: the longest stretch by which closed desk days move a due day (two long holidays beside each other)
LONGEST_SHIFT = 21

ONE_DAY = timedelta(days=1)


class RuleTerms(Protocol):
    """What the arithmetic needs of a version of a rule; models.RuleVersion has it."""

    effective_from: date
    effective_until: date | None
    is_on: bool
    offset_days: int
    window_after: int


class Treatment(StrEnum):
    """What becomes of an occasion."""

    CALL = "call"
    CALL_LATE = "call_late"
    MISSED = "missed"
    TOO_OLD = "too_old"


@dataclass(frozen=True)
class DueDay:
    """One anchor day under the version that rules it."""

    anchor_on: date
    version: RuleTerms
    due_on: date
    expires_on: date


@dataclass(frozen=True)
class Timing:
    """How one occasion is treated on the day it is looked at."""

    treatment: Treatment
    due_on: date
    expires_on: date

    @property
    def late(self) -> bool:
        """Whether the task bears the mark 迟导入."""
        return self.treatment in {Treatment.CALL_LATE, Treatment.MISSED}


def due_day(anchor_on: date, terms: RuleTerms, calendar: DeskCalendar) -> date:
    """应回访日期: the anchor day plus the offset, moved later off days on which nobody calls."""
    return calendar.shift_later(anchor_on + timedelta(days=terms.offset_days))


def deadline(due_on: date, terms: RuleTerms, calendar: DeskCalendar) -> date:
    """截止: the window counts desk days, so it moves along with the due day."""
    return calendar.add_desk_days(due_on, terms.window_after)


def due_days(versions: Sequence[RuleTerms], calendar: DeskCalendar, *, since: date, until: date) -> Iterator[DueDay]:
    """Every anchor day whose call falls due from `since` to `until`, each under exactly one version.

    `versions` are those of one rule, ordered by effective_from. An anchor day belongs to the first version under which
    it falls due before that version ends; where a new version would have had it due before it came into force, it is
    due on the version's first day. So no change of a rule loses an occasion or makes two calls of it. Days before the
    first version's start belong to nobody. A version that is off takes its days and gives nothing.
    """
    for anchor_on in _days(since, until, versions):
        found = under(anchor_on, versions, calendar)
        if found and found.version.is_on and since <= found.due_on <= until:
            yield found


def first_anchor_day(versions: Sequence[RuleTerms], since: date) -> date:
    """No anchor day before this one falls due on `since` or later."""
    return since - timedelta(days=max(version.offset_days for version in versions) + LONGEST_SHIFT)


def _days(since: date, until: date, versions: Sequence[RuleTerms]) -> Iterator[date]:
    """The anchor days that can fall due from `since` to `until`."""
    if not versions:
        return
    day = first_anchor_day(versions, since)
    last = until - timedelta(days=min(version.offset_days for version in versions))
    while day <= last:
        yield day
        day += ONE_DAY


def under(anchor_on: date, versions: Sequence[RuleTerms], calendar: DeskCalendar) -> DueDay | None:
    """The version that rules an anchor day, with the days it gives; None before the first version (see due_days)."""
    for place, version in enumerate(versions):
        due_on = due_day(anchor_on, version, calendar)
        if due_on < version.effective_from:
            if place == 0:
                return None
            due_on = calendar.shift_later(version.effective_from)
        if version.effective_until is None or due_on <= version.effective_until:
            return DueDay(anchor_on, version, due_on, deadline(due_on, version, calendar))
    return None


def timing(found: DueDay, *, recorded_on: date, today: date, calendar: DeskCalendar) -> Timing:
    """How to treat an occasion that is first looked at `today`, having been learned on `recorded_on`.

    In time: its own due day and deadline. Learned after its due day, or its window already over (late file, downtime):
    up to 14 days late it is callable with its own due day, until the next desk day plus the window; up to 45 days it
    is recorded as missed; older ones are left out.
    """
    days_late = (today - found.due_on).days
    if recorded_on <= found.due_on and today <= found.expires_on:
        return Timing(Treatment.CALL, found.due_on, found.expires_on)
    if days_late <= CALLABLE_LATE_DAYS:
        new_deadline = deadline(calendar.next_desk_day(today), found.version, calendar)
        return Timing(Treatment.CALL_LATE, found.due_on, new_deadline)
    if days_late <= RECORDED_LATE_DAYS:
        return Timing(Treatment.MISSED, found.due_on, found.expires_on)
    return Timing(Treatment.TOO_OLD, found.due_on, found.expires_on)


def shifted_by(anchor_on: date, offset_days: int, due_on: date) -> int:
    """By how many days closed desk days moved a due day."""
    return (due_on - anchor_on).days - offset_days
