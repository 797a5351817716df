"""The terms of requests, archives and exports, as plain arithmetic."""

from __future__ import annotations

from datetime import date

#: within how many working days a request is answered: 《App违法违规收集使用个人信息行为认定方法》(2019) part 6, the
#: strictest term in force; the law itself asks for "timely" (PIPL art. 50), GB/T 35273-2020 8.7 for 30 days
ANSWER_WORKING_DAYS = 15
#: an export of more rows than this, or with numbers in full, is told to the manager and the admin (T64)
TOLD_FROM = 500


def erase_from(last_event: date | None, archive_years: int, today: date) -> date:
    """From which day on a card may be anonymised: the archive's years after the last delivery or settled order.

    Dealers keep sales and user archives for at least ten years (domain 9); of whom nothing is archived, today.
    29 February counts as 1 March of a year without it.
    """
    if last_event is None:
        return today
    year = last_event.year + archive_years
    if (last_event.month, last_event.day) == (2, 29) and not _is_leap(year):
        return max(today, date(year, 3, 1))
    return max(today, last_event.replace(year=year))


def is_told(rows: int, *, in_full: bool) -> bool:
    """Whether the manager and the admin are told of an export."""
    return in_full or rows > TOLD_FROM


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
