"""Working-time arithmetic: when a store and its desk are open, and what follows for deadlines.

Everything here is plain Python over value objects; ``calendars.py`` fills them from the tables.
All wall-clock times are those of Asia/Shanghai, whatever zone the moments come in.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)
NOTHING = timedelta(0)

# A calendar that is shut for longer than this has no next open day worth promising to a customer.
LONGEST_CLOSURE = timedelta(days=400)

# Next year's official list is announced by the State Council in October or November.
LIST_EXPECTED_FROM = (11, 1)


class NeverOpen(ValueError):
    """No open day within LONGEST_CLOSURE: the hours or the exceptions cannot be meant."""


class Segment(NamedTuple):
    """One unbroken stretch of opening on a day; a split shift is two of them."""

    begins: time
    ends: time

    @property
    def length(self) -> timedelta:
        """How long the stretch lasts."""
        return _since_midnight(self.ends) - _since_midnight(self.begins)


Segments = tuple[Segment, ...]
Week = Mapping[int, Segments]

# What holds until an admin enters something else: every day for the store, Monday to Saturday
# for the calling desk, Monday to Friday by the law.
USUAL_HOURS: Segments = (Segment(time(8, 30), time(18, 0)),)
DEFAULT_STORE_WEEK: Week = dict.fromkeys(range(7), USUAL_HOURS)
DEFAULT_DESK_WEEK: Week = dict.fromkeys(range(6), USUAL_HOURS)
LEGAL_WEEK: Week = dict.fromkeys(range(5), USUAL_HOURS)


@dataclass(frozen=True)
class WorkCalendar:
    """The opening of one store, desk or office: a weekly pattern and the days that differ from it.

    ``week`` maps 0 (Monday) … 6 to that day's segments, sorted and free of overlap; a missing
    weekday is closed. ``exceptions`` maps a day to the segments that replace the pattern on it:
    ``()`` closes the day.
    """

    week: Week
    exceptions: Mapping[date, Segments] = field(default_factory=dict)

    # --- days ---

    def segments(self, day: date) -> Segments:
        """The stretches of opening on ``day``, earliest first; ``()`` when it is closed."""
        if day in self.exceptions:
            return self.exceptions[day]
        return self.week.get(day.weekday(), ())

    def is_open_day(self, day: date) -> bool:
        """Whether there is any opening on ``day``."""
        return bool(self.segments(day))

    def shift_later(self, day: date) -> date:
        """``day`` itself if open, else the first open day after it."""
        return self._first_open(day, ONE_DAY)

    def shift_earlier(self, day: date) -> date:
        """``day`` itself if open, else the last open day before it."""
        return self._first_open(day, -ONE_DAY)

    def next_open_day(self, day: date) -> date:
        """The first open day strictly after ``day``."""
        return self._first_open(day + ONE_DAY, ONE_DAY)

    def previous_open_day(self, day: date) -> date:
        """The last open day strictly before ``day``."""
        return self._first_open(day - ONE_DAY, -ONE_DAY)

    def add_open_days(self, day: date, count: int) -> date:
        """The ``count``-th open day after ``day`` (before it when negative); ``day`` is not counted.

        Zero gives ``day`` back unmoved, open or not: shift it explicitly if that matters.
        """
        step = self.next_open_day if count > 0 else self.previous_open_day
        for _ in range(abs(count)):
            day = step(day)
        return day

    def open_days_between(self, first: date, last: date) -> int:
        """How many open days lie after ``first`` up to and including ``last``; 0 if there are none."""
        return sum(self.is_open_day(day) for day in days_of(first + ONE_DAY, last))

    def closing_time(self, day: date) -> datetime:
        """The moment the last stretch of an open ``day`` ends; ValueError on a closed day."""
        segments = self.segments(day)
        if not segments:
            raise ValueError(f"{day} is closed and has no closing time")
        return _at(day, segments[-1].ends)

    # --- moments ---

    def is_open_at(self, moment: datetime) -> bool:
        """Whether the doors are open at ``moment``; the closing minute itself is closed."""
        wall = _wall(moment)
        return any(begins <= wall.time() < ends for begins, ends in self.segments(wall.date()))

    def next_open_moment(self, moment: datetime) -> datetime:
        """``moment`` itself while open, else the next opening."""
        wall = _wall(moment)
        for begins, ends in self.segments(wall.date()):
            if wall.time() < ends:
                return _at(wall.date(), max(begins, wall.time()))
        following = self.next_open_day(wall.date())
        return _at(following, self.segments(following)[0].begins)

    def add_working_time(self, start: datetime, minutes: int) -> datetime:
        """The moment at which ``minutes`` of opening have passed since ``start``.

        Time runs only while open, so a start out of hours counts from the next opening. A sum that
        is used up exactly at closing ends there, not at the next opening.
        Rule: complaint limits of less than 24 hours count in store hours.
        """
        if minutes < 0:
            raise ValueError("working time is added forwards only")
        moment = _wall(self.next_open_moment(start))
        left = timedelta(minutes=minutes)
        while True:
            day, clock = moment.date(), moment.time()
            for begins, ends in self.segments(day):
                if ends <= clock:
                    continue
                from_here = _since_midnight(max(begins, clock))
                if from_here + left <= _since_midnight(ends):
                    return _at(day, time.min) + from_here + left
                left -= _since_midnight(ends) - from_here
            moment = datetime.combine(self.next_open_day(day), time.min)

    def end_of_nth_open_day(self, start: datetime, count: int) -> datetime:
        """Closing time of the ``count``-th open day after the day of ``start``.

        The day of receipt is not counted, as with legal terms: a limit of "24 hours" is one open
        day, so what comes in on Monday, at whatever hour, is due at Tuesday's closing time.
        Rule: complaint limits of 24/48/72 hours are 1/2/3 open days ending at closing time.
        """
        if count < 1:
            raise ValueError("count open days from one")
        return self.closing_time(self.add_open_days(_wall(start).date(), count))

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How much opening lies between two moments; nothing when ``end`` is not after ``start``."""
        first, last = _wall(start), _wall(end)
        if last <= first:
            return NOTHING
        whole_days = self._opening_of_days(first.date(), last.date())
        return whole_days - self._opening_before(first) + self._opening_before(last)

    def working_minutes_between(self, start: datetime, end: datetime) -> int:
        """Whole minutes of opening between two moments, rounded down."""
        return self.working_time_between(start, end) // timedelta(minutes=1)

    # --- inside ---

    @cached_property
    def _week_total(self) -> timedelta:
        """Opening of one ordinary week: long stretches are summed without visiting every day."""
        return sum((_length(self.week.get(weekday, ())) for weekday in range(7)), NOTHING)

    @cached_property
    def _exception_days(self) -> list[date]:
        return sorted(self.exceptions)

    def _first_open(self, day: date, step: timedelta) -> date:
        """Walk from ``day`` (inclusive) by ``step`` to the first open day."""
        for distance in range(LONGEST_CLOSURE.days):
            candidate = day + step * distance
            if self.is_open_day(candidate):
                return candidate
        raise NeverOpen(f"no open day within {LONGEST_CLOSURE.days} days of {day}")

    def _opening_before(self, wall: datetime) -> timedelta:
        """Opening on the day of ``wall`` that has passed by then."""
        now = _since_midnight(wall.time())
        passed = (
            min(now, _since_midnight(ends)) - _since_midnight(begins)
            for begins, ends in self.segments(wall.date())
            if begins < wall.time()
        )
        return sum(passed, NOTHING)

    def _opening_of_days(self, first: date, until: date) -> timedelta:
        """Opening of the whole days ``first`` … the day before ``until``: weeks, rest, exceptions."""
        weeks, rest = divmod((until - first).days, 7)
        total = self._week_total * weeks
        for offset in range(rest):
            total += _length(self.week.get((first.weekday() + offset) % 7, ()))
        days = self._exception_days
        for day in days[bisect_left(days, first) : bisect_left(days, until)]:
            total += _length(self.exceptions[day]) - _length(self.week.get(day.weekday(), ()))
        return total


class DeskCalendar(WorkCalendar):
    """The days on which the calling desk is staffed, in the words of the revisit rules."""

    def is_desk_day(self, day: date) -> bool:
        """Whether anybody calls on ``day``."""
        return self.is_open_day(day)

    def next_desk_day(self, day: date) -> date:
        """The first desk day strictly after ``day``."""
        return self.next_open_day(day)

    def previous_desk_day(self, day: date) -> date:
        """The last desk day strictly before ``day``."""
        return self.previous_open_day(day)

    def add_desk_days(self, day: date, count: int) -> date:
        """The ``count``-th desk day after ``day``: windows of revisit rules count desk days."""
        return self.add_open_days(day, count)


class LegalCalendar(WorkCalendar):
    """Working days by the law: Monday to Friday, less holidays, plus make-up workdays."""

    def is_legal_working_day(self, day: date) -> bool:
        """Whether ``day`` is a working day by the official calendar."""
        return self.is_open_day(day)

    def add_legal_working_days(self, day: date, count: int) -> date:
        """The ``count``-th legal working day after ``day``, which is itself not counted.

        Rule: the consumer is told within seven working days of receipt.
        """
        return self.add_open_days(day, count)


# --- what makes an exception ---


@dataclass(frozen=True)
class DayException:
    """A day that differs from the weekly pattern: open or closed, perhaps with hours of its own."""

    day: date
    is_open: bool
    hours: Segments = ()


def legal_exceptions(days: Iterable[DayException]) -> dict[date, Segments]:
    """Holidays and make-up workdays as replacements for the legal week."""
    return {entry.day: USUAL_HOURS if entry.is_open else () for entry in days}


def business_exceptions(
    week: Week, official: Iterable[DayException], own: Iterable[DayException]
) -> dict[date, Segments]:
    """What the official days and a store's own days make of its ``week``; its own days win.

    A holiday closes. A make-up workday or an extra day opens with its own hours if it has any, else
    those of its weekday, else (a Saturday of a five-day week) those of the week's first open day.
    """
    merged = {entry.day: entry for entry in official} | {entry.day: entry for entry in own}
    return {day: _hours_of(entry, week) for day, entry in merged.items()}


def _hours_of(entry: DayException, week: Week) -> Segments:
    if not entry.is_open:
        return ()
    first_open = next((week[weekday] for weekday in range(7) if week.get(weekday)), USUAL_HOURS)
    return entry.hours or week.get(entry.day.weekday()) or first_open


def sorted_segments(segments: Iterable[Segment]) -> Segments:
    """Segments in the order of the day, as WorkCalendar wants them."""
    return tuple(sorted(segments))


def overlapping(segments: Iterable[Segment]) -> tuple[Segment, Segment] | None:
    """The first two stretches of one day that overlap; touching (12:00–12:00) is no overlap."""
    pairs = pairwise(sorted_segments(segments))
    return next(((one, two) for one, two in pairs if two.begins < one.ends), None)


def segment_text(segment: Segment) -> str:
    """``8:30–18:00`` for people and for comparing."""
    begins, ends = segment
    return f"{begins.hour}:{begins.minute:02}–{ends.hour}:{ends.minute:02}"


def hours_text(segments: Segments) -> str:
    """The stretches of a day in one line, ``""`` when it is closed."""
    return " ".join(segment_text(segment) for segment in segments)


def week_text(week: Week) -> str:
    """A whole week in one line: equal texts are equal hours, which is how a stale form is noticed."""
    return "; ".join(f"{weekday} {hours_text(week[weekday])}" for weekday in range(7) if week.get(weekday))


def week_groups(week: Week) -> list[tuple[int, int, Segments]]:
    """Neighbouring weekdays with the same hours taken together: (first, last, segments)."""
    groups: list[tuple[int, int, Segments]] = []
    for weekday in range(7):
        segments = tuple(week.get(weekday, ()))
        if groups and groups[-1][2] == segments:
            groups[-1] = (groups[-1][0], weekday, segments)
        else:
            groups.append((weekday, weekday, segments))
    return groups


def years_needed(today: date) -> tuple[int, ...]:
    """The years whose official list must be there: this one and, from 1 November, the next."""
    if (today.month, today.day) >= LIST_EXPECTED_FROM:
        return (today.year, today.year + 1)
    return (today.year,)


def days_of(first: date, last: date) -> list[date]:
    """Every day from ``first`` to ``last`` inclusive; none when ``last`` comes first."""
    return [first + ONE_DAY * offset for offset in range((last - first).days + 1)]


# --- wall clock ---


def _wall(moment: datetime) -> datetime:
    """The naive Asia/Shanghai wall time of an aware moment; a naive one is refused."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(SHANGHAI).replace(tzinfo=None)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=SHANGHAI)


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)


def _length(segments: Segments) -> timedelta:
    return sum((segment.length for segment in segments), NOTHING)
