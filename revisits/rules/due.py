"""When a call is due: anchor day and rule to due day and deadline along the desk's calendar, and what is too late."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from crm_site.worktime.rules import DeskCalendar

#: how long after its due day an occasion may still be called, and is still recorded as missed (architecture 2)
CALLABLE_LATE_DAYS = 14
RECORDED_LATE_DAYS = 45
#: how long a task may be called after its deadline before it counts as failed
GRACE_DAYS = 14
#: the longest stretch by which closed desk days move a due day (two long holidays beside each other)
LONGEST_SHIFT = 21
#: after so many closed days on end the calls that moved to the first desk day are spread
LONG_CLOSURE = 3
#: purpose of a rule -> over how many desk days they are spread: 投诉确认 at once, 满意度 over two, the rest over three
SPREAD = {"complaint": 1, "revisit": 2}
SPREAD_OTHERS = 3
#: anchors that name a day of the customer's, on which we only say something kind
GREETINGS = frozenset({"birthday", "anniversary"})
#: anchors whose calls begin with a daily ramp where the store begins in the middle of their window (启用日期)
RAMPED = frozenset({"maintenance", "insurance", "inspection", "warranty", "last_visit"})
#: anchors that are facts we were told of: what was due before the store began is skipped with that reason
TOLD_FACTS = frozenset({"delivery", "order", "rework", "complaint_solved", "complaint_closed"})

ONE_DAY = timedelta(days=1)


class RuleTerms(Protocol):
    """What the arithmetic needs of a version of a rule; models.RuleVersion has it."""

    effective_from: date
    effective_until: date | None
    is_on: bool
    anchor: str
    purpose: str
    offset_days: int
    window_after: int


class Treatment(StrEnum):
    """What becomes of an occasion."""

    CALL = "call"
    CALL_LATE = "call_late"
    MISSED = "missed"
    TOO_OLD = "too_old"
    #: its window had closed before we knew of it
    OVER = "over"


@dataclass(frozen=True)
class DueDay:
    """One anchor day under the version that rules it."""

    anchor_on: date
    version: RuleTerms
    due_on: date
    expires_on: date
    #: over how many desk days from `due_on` on its calls are spread (see placed); 1 = all on that day
    spread: int = 1


class Start(NamedTuple):
    """When a store began to call (启用日期), and over how many desk days it spreads what was waiting then."""

    on: date
    ramp_days: int


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


def is_reminder(terms: RuleTerms) -> bool:
    """Whether the call is made *to* a date: it moves earlier, and has no sense after its own limit."""
    return terms.offset_days < 0


def ends_with_its_window(terms: RuleTerms) -> bool:
    """Whether a call is worth nothing once its window has closed: reminders to a date, and greetings."""
    return is_reminder(terms) or terms.anchor in GREETINGS


def due_day(anchor_on: date, terms: RuleTerms, calendar: DeskCalendar) -> date:
    """应回访日期: the anchor day plus the offset; off closed desk days, later, but a reminder to a date earlier."""
    day = anchor_on + timedelta(days=terms.offset_days)
    return calendar.shift_earlier(day) if is_reminder(terms) else calendar.shift_later(day)


def deadline(due_on: date, terms: RuleTerms, calendar: DeskCalendar) -> date:
    """截止 of a call after the fact: the window counts desk days, so it moves along with the due day."""
    return calendar.add_desk_days(due_on, terms.window_after)


def last_day(anchor_on: date, due_on: date, terms: RuleTerms, calendar: DeskCalendar) -> date:
    """截止: of a reminder the window counts calendar days from the unmoved due day, and the deadline moves earlier."""
    if not is_reminder(terms):
        return deadline(due_on, terms, calendar)
    limit = anchor_on + timedelta(days=terms.offset_days + terms.window_after)
    return max(due_on, calendar.shift_earlier(limit))


def deadline_anew(expires_on: date, terms: RuleTerms, today: date, calendar: DeskCalendar) -> date:
    """Until when a call may be made that becomes callable only today; what ends with its window gets no new one."""
    if ends_with_its_window(terms):
        return expires_on
    return deadline(calendar.next_desk_day(today), terms, calendar)


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
    last = until + timedelta(days=LONGEST_SHIFT - min(version.offset_days for version in versions))
    while day <= last:
        yield day
        day += ONE_DAY


def under(anchor_on: date, versions: Sequence[RuleTerms], calendar: DeskCalendar) -> DueDay | None:
    """The version that rules an anchor day, with the days it gives; None before the first version (see due_days)."""
    for place, version in enumerate(versions):
        wanted = anchor_on + timedelta(days=version.offset_days)
        due_on = due_day(anchor_on, version, calendar)
        if due_on < version.effective_from:
            if place == 0:
                return None
            wanted = version.effective_from
            due_on = calendar.shift_later(wanted)
        if version.effective_until is None or due_on <= version.effective_until:
            expires_on = last_day(anchor_on, due_on, version, calendar)
            return DueDay(anchor_on, version, due_on, expires_on, _spread(wanted, due_on, version, calendar))
    return None


# ---- spreading: the same answer for any number of runs, in any order -------------------------------------------------


def share(anchor_key: str, salt: str, count: int) -> int:
    """A stable pseudo-random number from 0 to `count` - 1 for an occasion: the same on every run."""
    digest = hashlib.sha256(f"{salt}:{anchor_key}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % count


def _spread(wanted: date, due_on: date, terms: RuleTerms, calendar: DeskCalendar) -> int:
    """Over how many desk days the calls are spread that a long closure moved from `wanted` to `due_on`."""
    if due_on <= wanted or is_reminder(terms):
        return 1
    closed = (due_on - calendar.previous_desk_day(due_on)).days - 1
    return SPREAD.get(terms.purpose, SPREAD_OTHERS) if closed >= LONG_CLOSURE else 1


def moves(found: DueDay, start: Start) -> bool:
    """Whether an occasion of this day may fall due on another one than the day itself says (see placed)."""
    return found.spread > 1 or found.due_on < start.on


def placed(found: DueDay, anchor_key: str, start: Start, calendar: DeskCalendar) -> DueDay:
    """The days of one occasion: levelled after a long closure, or spread over the first days of a store.

    What was due before the store began and is not spread keeps its due day, and is no occasion (see TOLD_FACTS).
    """
    if found.due_on < start.on:
        return _ramped(found, anchor_key, start, calendar)
    if found.spread == 1:
        return found
    due_on = calendar.add_desk_days(found.due_on, share(anchor_key, "level", found.spread))
    return replace(found, due_on=due_on, expires_on=deadline(due_on, found.version, calendar))


def latest_due_day(found: DueDay, calendar: DeskCalendar) -> date:
    """The last day on which an occasion of this day may fall due, wherever levelling puts it."""
    return calendar.add_desk_days(found.due_on, found.spread - 1)


def _ramped(found: DueDay, anchor_key: str, start: Start, calendar: DeskCalendar) -> DueDay:
    """Spread over the desk days of the ramp, as many of them as lie within its window."""
    first = calendar.shift_later(start.on)
    if found.version.anchor not in RAMPED or found.expires_on < first:
        return found
    within = 1 + calendar.open_days_between(first, found.expires_on)
    due_on = calendar.add_desk_days(first, share(anchor_key, "ramp", min(start.ramp_days, within)))
    return replace(found, due_on=due_on)


def oldest_due_day(versions: Sequence[RuleTerms], day: date, start: Start, calendar: DeskCalendar) -> date:
    """The oldest due day that still matters on `day`: recorded as missed, or its window reaches `day` or the start."""
    reach = max(_reach(day, version, calendar) for version in versions)
    oldest = day - timedelta(days=max(RECORDED_LATE_DAYS, reach))
    if all(version.anchor in TOLD_FACTS for version in versions):
        return oldest
    if not any(version.anchor in RAMPED for version in versions):
        return max(oldest, start.on)
    waiting = start.on - timedelta(days=reach)
    ramp_ends = calendar.add_desk_days(calendar.shift_later(start.on), start.ramp_days)
    return max(oldest, waiting) if day > ramp_ends + timedelta(days=RECORDED_LATE_DAYS) else waiting


def _reach(day: date, terms: RuleTerms, calendar: DeskCalendar) -> int:
    """How many calendar days a window may last from its due day on."""
    if is_reminder(terms):
        return terms.window_after + LONGEST_SHIFT
    return (deadline(calendar.shift_later(day), terms, calendar) - day).days + LONGEST_SHIFT


# ---- lateness --------------------------------------------------------------------------------------------------------


def timing(
    found: DueDay, *, recorded_on: date | None, today: date, calendar: DeskCalendar, asked_for: date | None = None
) -> Timing:
    """How to treat an occasion that is first looked at `today`, having been learned on `recorded_on`.

    In time: its own due day and deadline. Learned after its due day, or its window already over (late file, downtime):
    up to 14 days late it is callable with its own due day, until the next desk day plus the window; up to 45 days it
    is recorded as missed; older ones are left out. What ends with its window (a reminder to a date, a greeting) is
    callable within it only. A forecast (`recorded_on` None) may have moved here today: it is never late, and is missed
    only where its window was open on the day that the run was `asked_for` and slept through.
    """
    days_late = (today - found.due_on).days
    in_window = today <= found.expires_on
    treatment, expires_on = Treatment.TOO_OLD, found.expires_on
    if in_window and (recorded_on is None or recorded_on <= found.due_on):
        treatment = Treatment.CALL
    elif recorded_on is None:
        treatment = Treatment.MISSED if asked_for and asked_for <= found.expires_on else Treatment.OVER
    elif ends_with_its_window(found.version):
        treatment = _after_the_window(found, recorded_on, today)
    elif in_window or days_late <= CALLABLE_LATE_DAYS:
        treatment = Treatment.CALL_LATE
        if days_late <= CALLABLE_LATE_DAYS:
            expires_on = deadline(calendar.next_desk_day(today), found.version, calendar)
    elif days_late <= RECORDED_LATE_DAYS:
        treatment = Treatment.MISSED
    return Timing(treatment, found.due_on, expires_on)


def _after_the_window(found: DueDay, recorded_on: date, today: date) -> Treatment:
    """A reminder or greeting that was learned late, or looked at late."""
    if today <= found.expires_on:
        return Treatment.CALL_LATE
    if recorded_on > found.expires_on:
        return Treatment.OVER
    late = (today - found.due_on).days
    return Treatment.MISSED if late <= RECORDED_LATE_DAYS else Treatment.TOO_OLD


def shifted_by(anchor_on: date, offset_days: int, due_on: date) -> int:
    """By how many days closed desk days moved a due day."""
    return (due_on - anchor_on).days - offset_days
