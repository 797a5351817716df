"""Business months: the days that one covers, and those on which its report is shown and published."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from crm_site.core.dates import add_months

#: the day on which a natural month begins; the trade's other one begins on the 26th
NATURAL = 1
#: 公示: so many working days after the month heads may look and appeal; 结账日: the n-th working day after the month
SHOWN_DAYS, PUBLISH_AFTER = 3, 5
#: how many months without a report are made up for
MAKE_UP = 3
ONE_DAY = timedelta(days=1)


class WorkingDays(Protocol):
    """The part of the legal calendar that is needed here."""

    def add_legal_working_days(self, day: date, count: int) -> date: ...


def month_start(day: date, back: int = 0) -> date:
    """The first day of the natural month that lies `back` months before the one of a day."""
    return add_months(day.replace(day=1), -back)


@dataclass(frozen=True)
class Period:
    """The days of a business month, both included; `month` is the first day of the month whose name it bears."""

    month: date
    start: date
    last: date

    @property
    def end(self) -> date:
        """The day after the last one (half-open)."""
        return self.last + ONE_DAY

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in it."""
        return day is not None and self.start <= day <= self.last

    def is_over(self, today: date) -> bool:
        """Whether it has ended, so that it may be published."""
        return today > self.last

    def before(self) -> Period:
        """As many days as a month has, ending on the day before this one begins."""
        return Period(month_start(self.month, 1), add_months(self.start, -1), self.start - ONE_DAY)

    def since(self, months: int) -> date:
        """The first day of so many months that end with this one."""
        return add_months(self.start, 1 - months)


def period_of(month: date, begins: int = NATURAL, *, after: date | None = None) -> Period:
    """The business month that bears a month's name; with `begins` 26 it runs from the 26th before to the 25th.

    `after` is the last day that the month before was published with: this one begins on the next, so that a store may
    change its month without a day counted twice or lost.
    """
    if begins == NATURAL:
        start, last = month, month_start(month, -1) - ONE_DAY
    else:
        start, last = month_start(month, 1).replace(day=begins), month.replace(day=begins - 1)
    return Period(month, after + ONE_DAY if after else start, last)


def month_at(day: date, begins: int = NATURAL) -> date:
    """The first day of the month whose business month a day lies in."""
    return month_start(day, -1) if begins != NATURAL and day.day >= begins else month_start(day)


def months_to_build(today: date, go_live_on: date, known: Collection[date], begins: int = NATURAL) -> list[date]:
    """The ended months without a report, oldest first: at most three back, none before the store went live."""
    running = month_at(today, begins)
    months = [month_start(running, back) for back in range(MAKE_UP, 0, -1)]
    return [month for month in months if month >= month_at(go_live_on, begins) and month not in known]


@dataclass(frozen=True)
class Calendar:
    """公示 from and until (both included), and 结账日."""

    shown_from: date
    shown_until: date
    publish_on: date


def calendar_of(
    period: Period, working: WorkingDays, *, shown_days: int = SHOWN_DAYS, publish_after: int = PUBLISH_AFTER
) -> Calendar:
    """The days of a month's report, counted in legal working days after its last day."""
    first, until, publish = (working.add_legal_working_days(period.last, n) for n in (1, shown_days, publish_after))
    return Calendar(first, until, publish)
