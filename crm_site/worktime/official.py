"""The official list of holidays and make-up workdays, from a library and from text entered by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import chinese_calendar

from crm_site.worktime.rules import days_of

# The list of a year is at most some forty days; a longer stretch in one line is a slip of the pen.
LONGEST_HOLIDAY = 31
NO_NAME = "–"  # how a day without a name is written
OFF_WORDS = {"休", "放假", "holiday", "off"}
WORK_WORDS = {"班", "上班", "补班", "workday", "work"}

_DATE = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
_LINE = re.compile(rf"{_DATE}(?:\s*(?:—|–|-|~|至|到|to)\s*{_DATE})?\s+(\S.*?)\s+(\S+)", re.IGNORECASE)


class OfficialDay(NamedTuple):
    """One day of the list: off, or worked although it is a weekend."""

    day: date
    is_off: bool
    name_zh: str
    name_en: str


class UnknownYear(ValueError):
    """The installed library has no list for this year."""


class BadLine(ValueError):
    """A line of a list that cannot be read; ``reason`` is a code: form, date, order, long, word, year, twice."""

    def __init__(self, number: int, text: str, reason: str) -> None:
        super().__init__(f"line {number}: {reason}")
        self.number, self.text, self.reason = number, text, reason


_CHINESE = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}


def of_year(year: int) -> list[OfficialDay]:
    """The holidays and make-up workdays of ``year``; UnknownYear where the library has no list."""
    try:
        details = [(day, *chinese_calendar.get_holiday_detail(day)) for day in _year(year)]
    except NotImplementedError as error:
        raise UnknownYear(str(year)) from error
    return [OfficialDay(day, is_off, _CHINESE.get(name, name), name) for day, is_off, name in details if name]


def recent_years() -> list[int]:
    """The latest three years the installed library has a list of: what is still reckoned with."""
    latest = max(chinese_calendar.holidays).year
    return [latest - 2, latest - 1, latest]


def knows(year: int) -> bool:
    """Whether the installed library has the list of ``year``."""
    try:
        chinese_calendar.get_holiday_detail(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def as_lines(days: Iterable[OfficialDay]) -> str:
    """A list as read_lines reads it, neighbouring days of one kind and name in one line."""
    stretches: list[tuple[OfficialDay, OfficialDay]] = []
    for entry in days:
        if stretches and _follows(stretches[-1][1], entry):
            stretches[-1] = (stretches[-1][0], entry)
        else:
            stretches.append((entry, entry))
    return "\n".join(_line(first, last) for first, last in stretches)


def example(year: int) -> str:
    """Three lines that show how a list is written."""
    spring = OfficialDay(date(year, 2, 6), True, "春节", "")
    worked = OfficialDay(date(year, 2, 20), False, "春节", "")
    new_year = OfficialDay(date(year, 1, 1), True, "元旦", "")
    return "\n".join(
        [_line(new_year, new_year), _line(spring, spring._replace(day=date(year, 2, 12))), _line(worked, worked)]
    )


def _follows(before: OfficialDay, entry: OfficialDay) -> bool:
    same = (before.is_off, before.name_zh) == (entry.is_off, entry.name_zh)
    return same and (entry.day - before.day).days == 1


def _line(first: OfficialDay, last: OfficialDay) -> str:
    days = f"{first.day}" if first.day == last.day else f"{first.day} 至 {last.day}"
    return f"{days} {first.name_zh or NO_NAME} {'休' if first.is_off else '班'}"


def read_lines(text: str, year: int) -> list[OfficialDay]:
    """Read a list written by hand, one stretch a line: ``2027-10-01 至 2027-10-07 国庆节 休``.

    Raises BadLine for the first line that cannot be read, lies outside ``year`` or repeats a day.
    """
    days: dict[date, OfficialDay] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        for entry in _read_line(number, line.strip(), year) if line.strip() else []:
            if entry.day in days:
                raise BadLine(number, line.strip(), "twice")
            days[entry.day] = entry
    return [days[day] for day in sorted(days)]


def _read_line(number: int, line: str, year: int) -> list[OfficialDay]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise BadLine(number, line, "form")
    *parts, name, word = match.groups()
    if word.lower() not in OFF_WORDS | WORK_WORDS:
        raise BadLine(number, line, "word")
    try:
        first = date(*map(int, parts[:3]))
        last = date(*map(int, parts[3:])) if parts[3] else first
    except ValueError as error:
        raise BadLine(number, line, "date") from error
    reason = _wrong_stretch(first, last, year)
    if reason:
        raise BadLine(number, line, reason)
    name = "" if name == NO_NAME else name[:60]
    return [OfficialDay(day, word.lower() in OFF_WORDS, name, "") for day in days_of(first, last)]


def _wrong_stretch(first: date, last: date, year: int) -> str:
    if last < first:
        return "order"
    if (last - first).days >= LONGEST_HOLIDAY:
        return "long"
    return "" if first.year == last.year == year else "year"


def _year(year: int) -> list[date]:
    return days_of(date(year, 1, 1), date(year, 12, 31))
