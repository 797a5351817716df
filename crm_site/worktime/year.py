"""Lays a year out for the calendar page: twelve months of day cells, and the marked days as stretches."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import pgettext

from crm_site.worktime.models import CalendarDay, Weekday
from crm_site.worktime.official import OfficialDay
from crm_site.worktime.rules import ONE_DAY, WorkCalendar

WEEKS = Calendar(firstweekday=0)


@dataclass(frozen=True)
class Cell:
    """One day of a month's grid."""

    day: date
    is_open: bool
    mark: CalendarDay | None
    is_today: bool

    @property
    def css(self) -> str:
        """The classes that colour the cell: closed, marked to open or to close, today."""
        marked = "" if self.mark is None else "is-added" if self.mark.is_open else "is-taken"
        names = ["" if self.is_open else "is-closed", marked, "is-today" if self.is_today else ""]
        return " ".join(name for name in names if name)

    @property
    def title(self) -> str:
        """What a marked day is, for the pointer and for the ear."""
        words = [f"{self.day:%Y-%m-%d}"]
        if self.mark is not None:
            words += [self.mark.name, str(self.mark.get_kind_display())]
        return " ".join(word for word in words if word)


@dataclass(frozen=True)
class Month:
    """One month: its first day and its weeks, in which None stands for a day of another month."""

    first: date
    weeks: list[list[Cell | None]]

    @property
    def heads(self) -> list[dict[str, str]]:
        """The weekdays over the columns, in full and as short as the language allows."""
        letters = pgettext("initials of the weekdays", "Mo Tu We Th Fr Sa Su").split()
        return [{"title": str(day.label), "short": letters[day]} for day in Weekday]


def months(year: int, calendar: WorkCalendar, marks: Iterable[CalendarDay], today: date) -> list[Month]:
    """The twelve months of ``year`` as ``calendar`` has them; a store's own mark hides that of all stores."""
    by_day = {mark.day: mark for mark in sorted(marks, key=lambda mark: mark.store_id is not None)}

    def cell(day: date, month: int) -> Cell | None:
        if day.month != month:
            return None
        return Cell(day, calendar.is_open_day(day), by_day.get(day), day == today)

    return [
        Month(
            date(year, month, 1),
            [[cell(day, month) for day in week] for week in WEEKS.monthdatescalendar(year, month)],
        )
        for month in range(1, 13)
    ]


@dataclass
class Stretch:
    """Neighbouring days with the same mark, listed as one line."""

    rows: list[CalendarDay]

    @property
    def first(self) -> CalendarDay:
        """The first day."""
        return self.rows[0]

    @property
    def last(self) -> CalendarDay:
        """The last day, the first where there is only one."""
        return self.rows[-1]


def stretches(marks: Iterable[CalendarDay]) -> list[Stretch]:
    """The marked days with neighbours of the same kind, name, store and hours taken together."""
    found: list[Stretch] = []
    for row in sorted(marks, key=lambda row: (row.store_id or 0, row.day)):
        if found and _continues(found[-1].last, row):
            found[-1].rows.append(row)
        else:
            found.append(Stretch([row]))
    return sorted(found, key=lambda stretch: stretch.first.day)


def as_list(days: Iterable[CalendarDay]) -> list[OfficialDay]:
    """The company's marked days as a list that can be written out and entered again."""
    return [OfficialDay(row.day, not row.is_open, row.name_zh, row.name_en) for row in days]


def _continues(before: CalendarDay, row: CalendarDay) -> bool:
    same = ("store_id", "kind", "covers", "opens", "closes", "name_zh", "source")
    return row.day - before.day == ONE_DAY and all(getattr(before, name) == getattr(row, name) for name in same)
