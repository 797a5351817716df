"""What a call's result causes: one decision table from the result's row to the task's next state (domain 4.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Protocol

from crm_site.worktime.rules import SHANGHAI, DeskCalendar
from revisits.rules.codes import ENDED, Reason, State

SOON = timedelta(minutes=30)
#: over how many desk days we look for another band than the one tried so far
LOOK_AHEAD = 5


class Band(NamedTuple):
    """A stretch of the day in which we choose to call."""

    begins: time
    ends: time


#: 9:30–11:30, 14:30–17:30, then 17:30–19:30
BANDS = (Band(time(9, 30), time(11, 30)), Band(time(14, 30), time(17, 30)), Band(time(17, 30), time(19, 30)))
#: never before 9:00, from 12:00 to 14:00, or from 20:00 on; a time that the customer named may lie from 8:00 to 21:00
OWN_CHOICE = (Band(time(9), time(12)), Band(time(14), time(20)))
AGREED = Band(time(8), time(21))
#: a call-back may not be promised further ahead
LONGEST_PROMISE = timedelta(days=60)


class ResultTerms(Protocol):
    """What the table needs of a result; models.CallResult has it."""

    next_step: str
    counts_as_try: str
    max_repeats: int | None


@dataclass(frozen=True)
class Situation:
    """Where the task stood when the call ended."""

    #: tries used up before this call, and how many the rule has
    tries_made: int
    max_tries: int
    now: datetime
    #: how often this very result has come before
    repeats: int = 0
    #: whether another number can be dialled if this one is bad
    more_numbers: bool = False
    #: the time that the customer named (next step "at_agreed_time")
    agreed_at: datetime | None = None
    #: the day of the first attempt: tries are spread over two days at least
    first_attempt_on: date | None = None
    #: when the earlier attempts began: tries are spread over two bands at least
    earlier: tuple[datetime, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What the task becomes."""

    state: State
    tries_made: int
    not_before: datetime | None = None
    promised_at: datetime | None = None
    reason: Reason | None = None
    #: dial the next number of the list: at once, in quiet hours from `not_before` on
    next_number: bool = False
    #: 下次进厂核对电话: reception is to check the number at the next visit
    check_phone: bool = False
    #: the number that was dialled is bad
    number_is_bad: bool = False

    @property
    def ends(self) -> bool:
        """Whether the task is over."""
        return self.state in ENDED


def outcome(result: ResultTerms, at: Situation, calendar: DeskCalendar) -> Outcome:
    """The state, tries and next moment of a task after a call with this result.

    A result that ends the task ends it; a promise never uses up a try; a bad number leads to the next one, and without
    one to 待补号码; the wrong person leads to the right one's number, even after the last try; everything else is tried
    again until the tries are used up, or the result came too often.
    """
    tries = at.tries_made + _counts(result, at)
    ended = _ENDINGS.get(result.next_step)
    if ended:
        return Outcome(ended.state, tries, reason=ended.reason)
    if result.next_step == "at_agreed_time":
        return Outcome(State.IN_PROGRESS, tries, not_before=at.agreed_at, promised_at=at.agreed_at)
    if result.next_step == "next_number":
        return _next_number(tries, at, calendar)
    if result.next_step == "ask_contact" and at.more_numbers:
        return Outcome(State.IN_PROGRESS, tries, _at_once(at.now, calendar), next_number=True)
    if tries >= at.max_tries or _too_often(result, at):
        return Outcome(State.FAILED, tries, reason=Reason.NOT_REACHED, check_phone=True)
    return Outcome(State.IN_PROGRESS, tries, not_before=retry_at(result.next_step, tries, at, calendar))


class _Ending(NamedTuple):
    state: State
    reason: Reason | None


_ENDINGS: dict[str, _Ending] = {
    "finish": _Ending(State.DONE, None),
    "finish_refused": _Ending(State.FAILED, Reason.REFUSED),
    "finish_sold": _Ending(State.CANCELLED, Reason.VEHICLE_SOLD),
}


def _counts(result: ResultTerms, at: Situation) -> int:
    """1 when the call uses up a try: "second" from the second time of the same result on."""
    return {"yes": 1, "no": 0, "second": int(at.repeats > 0)}[result.counts_as_try]


def _too_often(result: ResultTerms, at: Situation) -> bool:
    return result.max_repeats is not None and at.repeats >= result.max_repeats


def _next_number(tries: int, at: Situation, calendar: DeskCalendar) -> Outcome:
    if at.more_numbers:
        return Outcome(State.IN_PROGRESS, tries, _at_once(at.now, calendar), next_number=True, number_is_bad=True)
    return Outcome(State.NO_NUMBER, tries, reason=Reason.BAD_NUMBERS, check_phone=True, number_is_bad=True)


# ---- when to try again -----------------------------------------------------------------------------------------------


def retry_at(next_step: str, tries: int, at: Situation, calendar: DeskCalendar) -> datetime:
    """The moment from which the task may be called again.

    The tries of a task lie on two days and in two bands at least: what is still missing, the last try brings.
    """
    wall = at.now.astimezone(SHANGHAI)
    last_is_next = 1 <= tries == at.max_tries - 1
    day_wanted = last_is_next and at.first_attempt_on in (None, wall.date())
    band_wanted = last_is_next and len({part_of_day(one) for one in (*at.earlier, wall)}) == 1
    if next_step == "retry_soon" and not day_wanted and not band_wanted:
        return _soon(wall, calendar)
    another_day = day_wanted or next_step == "retry_next_day"
    return _next_opening(wall, calendar, another_day=another_day, another_band=band_wanted)


def next_band(moment: datetime, calendar: DeskCalendar) -> datetime:
    """The beginning of the next band of our own choice, another one than the moment lies in, while the desk works."""
    return _next_opening(moment.astimezone(SHANGHAI), calendar)


def _next_opening(
    wall: datetime, calendar: DeskCalendar, *, another_day: bool = False, another_band: bool = False
) -> datetime:
    """The first moment in another band than that of `wall`; on a later day the same band where it has no other.

    `another_band` looks further ahead, LOOK_AHEAD desk days, for a day that has another one.
    """
    current, same = part_of_day(wall), None
    for day in _days_ahead(wall, calendar, another_day=another_day):
        begins = openings(day, calendar)
        other = next((begin for band, begin in begins if band != current and begin > wall), None)
        if other:
            return other
        if begins and day > wall.date():
            same = same or begins[0][1]
            if not another_band:
                break
    return same or _whenever(wall, calendar)


def _whenever(wall: datetime, calendar: DeskCalendar) -> datetime:
    """For a desk that is never staffed in our bands: the first band of its next day."""
    return datetime.combine(calendar.next_desk_day(wall.date()), BANDS[0].begins, SHANGHAI)


def _days_ahead(wall: datetime, calendar: DeskCalendar, *, another_day: bool = False) -> Iterator[date]:
    day = wall.date()
    if not another_day:
        yield day
    for _ in range(LOOK_AHEAD):
        day = calendar.next_desk_day(day)
        yield day


def openings(day: date, calendar: DeskCalendar) -> list[tuple[Band, datetime]]:
    """The bands of a day in which somebody is at the desk, each with the first moment of it."""
    found = []
    for band in BANDS:
        staffed = (max(begins, band.begins) for begins, ends in calendar.segments(day) if ends > band.begins)
        begin = next((begin for begin in staffed if begin < band.ends), None)
        if begin:
            found.append((band, datetime.combine(day, begin, SHANGHAI)))
    return found


def _soon(wall: datetime, calendar: DeskCalendar) -> datetime:
    """In half an hour, if we may and somebody is there; else at the next band."""
    later = wall + SOON
    if later.date() == wall.date() and may_choose(later) and calendar.is_open_at(later):
        return later
    return next_band(wall, calendar)


def _at_once(now: datetime, calendar: DeskCalendar) -> datetime | None:
    """From when a further number may be dialled: at once (None), but not in quiet hours or on a closed day."""
    wall = now.astimezone(SHANGHAI)
    if may_choose(wall) and calendar.is_desk_day(wall.date()):
        return None
    ahead = (begin for day in _days_ahead(wall, calendar) for _band, begin in openings(day, calendar))
    return next((begin for begin in ahead if begin > wall), None) or _whenever(wall, calendar)


def band_of(moment: datetime) -> Band | None:
    """The band that a moment lies in."""
    clock = moment.astimezone(SHANGHAI).time()
    return next((band for band in BANDS if band.begins <= clock < band.ends), None)


def part_of_day(moment: datetime) -> Band | None:
    """The band that a call counts to: also around its edges; None for noon and the early morning."""
    clock = moment.astimezone(SHANGHAI).time()
    morning, afternoon, evening = BANDS
    if clock >= evening.begins:
        return evening
    if OWN_CHOICE[1].begins <= clock:
        return afternoon
    return morning if OWN_CHOICE[0].begins <= clock < OWN_CHOICE[0].ends else None


def may_choose(moment: datetime) -> bool:
    """Whether we may call at this time of day of our own choice."""
    clock = moment.astimezone(SHANGHAI).time()
    return any(begins <= clock < ends for begins, ends in OWN_CHOICE)


def quiet_hours(moment: datetime) -> Band | None:
    """The stretch of the day (over midnight too) in which we do not call of our own choice; None outside of it."""
    if may_choose(moment):
        return None
    morning, afternoon = OWN_CHOICE
    at_noon = morning.ends <= moment.astimezone(SHANGHAI).time() < afternoon.begins
    return Band(morning.ends, afternoon.begins) if at_noon else Band(afternoon.ends, morning.begins)


def promise_problem(agreed_at: datetime | None, now: datetime) -> str:
    """What is wrong with a promised time: "missing", "past", "too_far", "hours"; '' when it may be promised."""
    if agreed_at is None:
        return "missing"
    if agreed_at <= now:
        return "past"
    if agreed_at - now > LONGEST_PROMISE:
        return "too_far"
    clock = agreed_at.astimezone(SHANGHAI).time()
    return "" if AGREED.begins <= clock <= AGREED.ends else "hours"
