"""The clock of a ticket: limits turned into deadlines, pauses, and which limit rules now (domain 6.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Protocol

from crm_site.worktime.rules import SHANGHAI, LegalCalendar, WorkCalendar

DAY_MINUTES = 24 * 60
LEGAL_WORKING_DAYS = 7
NIGHT_BEGINS, NIGHT_ENDS, MORNING = time(21), time(9), time(9, 30)
LONGEST_PAUSE = timedelta(days=60)

STORE_HOURS, DAYTIME, NATURAL = "store", "daytime", "natural"


@dataclass(frozen=True)
class Limits:
    """What a level allows: minutes to the first response, to the first proposal told, and to closing."""

    code: str
    clock: str
    response_minutes: int
    proposal_minutes: int
    closing_minutes: int | None = None
    closing_working_days: int | None = None


class Calendars(NamedTuple):
    """When the store is open, and which days the law counts."""

    store: WorkCalendar
    legal: LegalCalendar


class Pause(NamedTuple):
    """A stretch in which the clock stood, waiting for the customer or the manufacturer."""

    start: datetime
    end: datetime


class Deadlines(NamedTuple):
    """The moments by which the three promises are to be kept; a question has only the last."""

    response: datetime | None
    proposal: datetime | None
    closing: datetime | None


class LedgerRow(Protocol):
    """What the arithmetic needs of one entry of the clock's ledger."""

    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def level_code(self) -> str: ...


@dataclass(frozen=True)
class Run:
    """What a ledger says: when the clock began, when it was last restarted, by which level, and its pauses."""

    received_at: datetime
    started_at: datetime
    level_code: str
    pauses: tuple[Pause, ...] = ()
    paused_since: datetime | None = None
    stopped_at: datetime | None = None


def replay(ledger: Iterable[LedgerRow]) -> Run:
    """Read a ledger, oldest entry first, into the run that the deadlines follow from."""
    received = started = paused = stopped = None
    level, pauses = "", []
    for entry in ledger:
        level = entry.level_code
        if entry.kind == "start":
            received = started = entry.at
        elif entry.kind == "reopen":
            started, stopped = entry.at, None
        elif entry.kind == "pause":
            paused = entry.at
        elif entry.kind == "resume" and paused is not None:
            pauses.append(Pause(paused, entry.at))
            paused = None
        elif entry.kind == "stop":
            stopped, paused = entry.at, None
    if received is None or started is None:
        raise ValueError("a ledger begins with its start")
    return Run(received, started, level, tuple(pauses), paused, stopped)


def of_run(run: Run, limits: Limits | None, calendars: Calendars) -> Deadlines:
    """The deadlines that a run leads to: the response counts from receipt, the rest from the last restart."""
    first = deadlines(limits, run.received_at, calendars, run.pauses)
    if run.started_at == run.received_at:
        return first
    since = [pause for pause in run.pauses if pause.start >= run.started_at]
    again = deadlines(limits, run.started_at, calendars, since)
    return Deadlines(first.response, again.proposal, again.closing)


def deadlines(limits: Limits | None, start: datetime, calendars: Calendars, pauses: Iterable[Pause] = ()) -> Deadlines:
    """The three deadlines of a level, counted from `start`; without a level (a question) the next open day's end.

    A pause moves every deadline that it began before, by the time it lasted, counted as the deadline is counted.
    """
    if limits is None:
        return Deadlines(None, None, calendars.store.end_of_nth_open_day(start, 1))
    stood = sorted(pauses)
    closing = (
        _working_days(start, limits.closing_working_days, calendars.legal, stood)
        if limits.closing_working_days is not None
        else _limit(limits.clock, start, limits.closing_minutes or 0, calendars.store, stood)
    )
    return Deadlines(
        _limit(limits.clock, start, limits.response_minutes, calendars.store, stood),
        _limit(limits.clock, start, limits.proposal_minutes, calendars.store, stood),
        closing,
    )


def legal_date(received_on: date, legal: LegalCalendar) -> date:
    """The day by which the law wants the consumer told: seven working days after receipt."""
    return legal.add_legal_working_days(received_on, LEGAL_WORKING_DAYS)


def ruling(
    due: Deadlines, *, responded: bool, proposed: bool, external: datetime | None = None
) -> tuple[str, datetime | None]:
    """Which promise is next and by when: response, proposal, closing, or an earlier limit from outside."""
    name, moment = "closing", due.closing
    if due.proposal is not None and not proposed:
        name, moment = "proposal", due.proposal
    if due.response is not None and not responded:
        name, moment = "response", due.response
    if external is not None and (moment is None or external < moment):
        return "external", external
    return name, moment


def used(start: datetime, until: datetime, clock: str, store: WorkCalendar, pauses: Iterable[Pause] = ()) -> timedelta:
    """How much of the clock ran between two moments, pauses left out; in store hours for L1 and L2."""
    whole = _counted(start, until, clock, store)
    stood = (_counted(max(p.start, start), min(p.end, until), clock, store) for p in pauses)
    return whole - sum(stood, timedelta(0))


def end_of_pause(until: date) -> datetime:
    """When a pause ends by itself: at midnight after its last day."""
    return datetime.combine(until + timedelta(days=1), time.min, tzinfo=SHANGHAI)


def out_of_the_night(moment: datetime) -> datetime:
    """An end between 21:00 and 9:00 moves to 9:30 in the morning."""
    wall = moment.astimezone(SHANGHAI)
    if wall.time() > NIGHT_BEGINS:
        return datetime.combine(wall.date() + timedelta(days=1), MORNING, tzinfo=SHANGHAI)
    if wall.time() < NIGHT_ENDS:
        return datetime.combine(wall.date(), MORNING, tzinfo=SHANGHAI)
    return moment


def _limit(clock: str, start: datetime, minutes: int, store: WorkCalendar, pauses: list[Pause]) -> datetime:
    end = _store_limit(start, minutes, store) if clock == STORE_HOURS else start + timedelta(minutes=minutes)
    for pause in pauses:
        if pause.start < end:
            end = _later(end, pause, clock, store)
    return out_of_the_night(end) if clock == DAYTIME else end


def _store_limit(start: datetime, minutes: int, store: WorkCalendar) -> datetime:
    """Under 24 hours: opening time; from 24 hours on: so many open days, ending at closing time."""
    if minutes < DAY_MINUTES:
        return store.add_working_time(start, minutes)
    return store.end_of_nth_open_day(start, -(-minutes // DAY_MINUTES))


def _later(end: datetime, pause: Pause, clock: str, store: WorkCalendar) -> datetime:
    if clock != STORE_HOURS:
        return end + max(pause.end - pause.start, timedelta(0))
    minutes = store.working_minutes_between(pause.start, pause.end)
    return store.add_working_time(end, minutes) if minutes else end


def _working_days(start: datetime, days: int, legal: LegalCalendar, pauses: list[Pause]) -> datetime:
    """So many legal working days, ending with office hours; a pause adds the working days that it covered."""
    day = legal.add_legal_working_days(start.astimezone(SHANGHAI).date(), days)
    for pause in pauses:
        first, last = (moment.astimezone(SHANGHAI).date() for moment in pause)
        if first <= day:
            day = legal.add_open_days(day, legal.open_days_between(first, last))
    return legal.closing_time(day)


def _counted(start: datetime, end: datetime, clock: str, store: WorkCalendar) -> timedelta:
    if clock == STORE_HOURS:
        return store.working_time_between(start, end)
    return max(end - start, timedelta(0))
