"""The clock of a ticket: limits turned into deadlines, step by step, and which limit rules now (domain 6.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, Self

from crm_site.worktime.rules import SHANGHAI, LegalCalendar, WorkCalendar

DAY_MINUTES = 24 * 60
LEGAL_WORKING_DAYS = 7
NIGHT_BEGINS, NIGHT_ENDS, MORNING = time(21), time(9), time(9, 30)
LONGEST_PAUSE = timedelta(days=60)

STORE_HOURS, DAYTIME, NATURAL = "store", "daytime", "natural"
PROMISES = ("response", "proposal", "closing")
#: minutes allowed for a post on the web where a store has switched these limits on: response, proposal, closing
WEB_MINUTES = (10, 30, 1440)


@dataclass(frozen=True)
class Limits:
    """What a level allows: minutes to the first response, to the first proposal told, and to closing."""

    code: str
    clock: str
    response_minutes: int
    proposal_minutes: int
    closing_minutes: int | None = None
    closing_working_days: int | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self | None:
        """Limits as a ledger keeps them; {} stands for a question, which has none."""
        return cls(**stored) if stored else None

    def stored(self) -> dict[str, Any]:
        """These limits as a ledger keeps them."""
        return asdict(self)

    def for_the_web(self) -> Limits:
        """The limits of a post on the web: in the level's own hours, whichever is the shorter."""
        response, proposal, closing = WEB_MINUTES
        return Limits(
            self.code,
            self.clock,
            min(self.response_minutes, response),
            min(self.proposal_minutes, proposal),
            min(self.closing_minutes or closing, closing),
        )


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


class Leg(NamedTuple):
    """One step of a deadline's sum: what was added, how much of it, and the moment that it led to."""

    #: minutes | open_days | working_days | pause | pause_days | night
    how: str
    moment: datetime
    length: timedelta = timedelta(0)
    days: int = 0
    pause: Pause | None = None


def deadlines(limits: Limits | None, start: datetime, calendars: Calendars, pauses: Iterable[Pause] = ()) -> Deadlines:
    """The three deadlines of a level, counted from `start`; without a level (a question) the next open day's end.

    A pause moves every deadline that it began before, by the time it lasted, counted as the deadline is counted.
    """
    stood = since(start, pauses)
    ends = [way[-1].moment if way else None for way in (_way(one, limits, start, calendars, stood) for one in PROMISES)]
    return Deadlines(*ends)


def way(
    promise: str, limits: Limits | None, start: datetime, calendars: Calendars, pauses: Iterable[Pause] = ()
) -> list[Leg]:
    """How the deadline of a promise comes about, step by step; the last step's moment is the deadline."""
    return _way(promise, limits, start, calendars, since(start, pauses))


def since(start: datetime, pauses: Iterable[Pause]) -> list[Pause]:
    """What of the pauses lies after a moment, in order: a clock that had not begun could not stand."""
    return sorted(Pause(max(pause.start, start), pause.end) for pause in pauses if pause.end > start)


def legal_date(received_on: date, legal: LegalCalendar) -> date:
    """The day by which the law wants the consumer told: seven working days after receipt."""
    return legal.add_legal_working_days(received_on, LEGAL_WORKING_DAYS)


def ruling(
    due: Deadlines,
    *,
    responded: bool,
    proposed: bool,
    external: datetime | None = None,
    paused_at: datetime | None = None,
) -> tuple[str, datetime | None]:
    """Which promise is next and by when: response, proposal, closing, or an earlier limit from outside.

    While our own clock stands, a limit from outside runs on and rules alone, unless our promise was broken before.
    """
    name, moment = "closing", due.closing
    if due.proposal is not None and not proposed:
        name, moment = "proposal", due.proposal
    if due.response is not None and not responded:
        name, moment = "response", due.response
    if external is not None and (moment is None or external < moment or stands(moment, paused_at)):
        return "external", external
    return name, moment


def stands(due: datetime, paused_at: datetime | None) -> bool:
    """Whether a pause holds a deadline up: it began before; what was broken by then stays so."""
    return paused_at is not None and paused_at < due


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


def _way(promise: str, limits: Limits | None, start: datetime, calendars: Calendars, pauses: list[Pause]) -> list[Leg]:
    """The steps of one promise; none for a promise that a question does not make."""
    if limits is None:
        return [_open_days(start, 1, calendars.store)] if promise == "closing" else []
    if promise == "closing" and limits.closing_working_days is not None:
        return _working_days(start, limits.closing_working_days, calendars.legal, pauses)
    minutes = {
        "response": limits.response_minutes,
        "proposal": limits.proposal_minutes,
        "closing": limits.closing_minutes or 0,
    }[promise]
    legs = [_first(limits.clock, start, minutes, calendars.store)]
    for pause in pauses:
        if pause.start < legs[-1].moment:
            legs.append(_later(legs[-1].moment, pause, limits.clock, calendars.store))
    end = legs[-1].moment
    if limits.clock == DAYTIME and out_of_the_night(end) != end:
        legs.append(Leg("night", out_of_the_night(end)))
    return legs


def _first(clock: str, start: datetime, minutes: int, store: WorkCalendar) -> Leg:
    """In opening hours: so much opening time, from 24 hours on so many open days; else plain time."""
    length = timedelta(minutes=minutes)
    if clock != STORE_HOURS:
        return Leg("minutes", start + length, length)
    if minutes < DAY_MINUTES:
        return Leg("minutes", store.add_working_time(start, minutes), length)
    return _open_days(start, -(-minutes // DAY_MINUTES), store)


def _open_days(start: datetime, days: int, store: WorkCalendar) -> Leg:
    return Leg("open_days", store.end_of_nth_open_day(start, days), days=days)


def _later(end: datetime, pause: Pause, clock: str, store: WorkCalendar) -> Leg:
    """The end moved by a pause: by all of its time, in opening hours by the whole minutes of opening in it."""
    if clock != STORE_HOURS:
        length = max(pause.end - pause.start, timedelta(0))
        return Leg("pause", end + length, length, pause=pause)
    minutes = store.working_minutes_between(pause.start, pause.end)
    moved = store.add_working_time(end, minutes) if minutes else end
    return Leg("pause", moved, timedelta(minutes=minutes), pause=pause)


def _working_days(start: datetime, days: int, legal: LegalCalendar, pauses: list[Pause]) -> list[Leg]:
    """So many legal working days, ending with office hours; a pause adds the working days that it covered."""
    day = legal.add_legal_working_days(start.astimezone(SHANGHAI).date(), days)
    legs = [Leg("working_days", legal.closing_time(day), days=days)]
    for pause in pauses:
        first, last = (moment.astimezone(SHANGHAI).date() for moment in pause)
        if first <= day:
            covered = legal.open_days_between(first, last)
            day = legal.add_open_days(day, covered)
            legs.append(Leg("pause_days", legal.closing_time(day), days=covered, pause=pause))
    return legs


def _counted(start: datetime, end: datetime, clock: str, store: WorkCalendar) -> timedelta:
    if clock == STORE_HOURS:
        return store.working_time_between(start, end)
    return max(end - start, timedelta(0))
