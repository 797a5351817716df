"""Days that come every year: birthdays and anniversaries, with the 29th of February."""

from __future__ import annotations

from calendar import isleap
from datetime import date


def in_year(day: date, year: int) -> date:
    """The day of a year on which a date comes round; the 29th of February on the 28th where there is none.

    So whoever was born on a leap day is greeted exactly once a year.
    """
    if (day.month, day.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return day.replace(year=year)


def years_after(day: date, years: int) -> date:
    """The anniversary of a day after so many years."""
    return in_year(day, day.year + years)


def earliest(day: date, year: int) -> date:
    """The first day of `year` that comes round, in the year of `day`, on `day` or later."""
    if (day.month, day.day) == (2, 29) and not isleap(year):
        return date(year, 3, 1)
    return day.replace(year=year)


def latest(day: date, year: int) -> date:
    """The last day of `year` that comes round, in the year of `day`, on `day` or earlier."""
    if (day.month, day.day) == (2, 28) and isleap(year) and not isleap(day.year):
        return date(year, 2, 29)
    return in_year(day, year)
