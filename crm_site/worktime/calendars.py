"""Builds the working calendars from the tables: two queries each, passed along, never cached between requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from crm_site.core.compiled import compiled
from crm_site.worktime import rules
from crm_site.worktime.models import CalendarDay, Covers, DayKind, DeskRota, OpeningHours


def store_calendar(store_id: int, first: date | None = None, last: date | None = None) -> rules.WorkCalendar:
    """The opening hours of a store, with holidays, make-up days and its own exceptions.

    ``first`` and ``last`` limit which exceptions are loaded: outside them the plain week is
    reckoned with, so leave them out unless the stretch is known. Build once, pass along.
    """
    week = opening_week(store_id)
    return rules.WorkCalendar(week, _exceptions(week, store_id, Covers.STORE, first, last))


def store_calendars(store_ids: Iterable[int], first: date, last: date) -> dict[int, rules.WorkCalendar]:
    """The calendars of several stores over a known stretch, with two queries for all; see store_calendar."""
    weeks = opening_weeks(store_ids)
    days = _days_of(weeks, Covers.STORE, first, last)
    return {store_id: rules.WorkCalendar(week, _of(week, store_id, days)) for store_id, week in weeks.items()}


def desk_calendar(store_id: int, first: date | None = None, last: date | None = None) -> rules.DeskCalendar:
    """The days and hours of a store's calling desk, with the same exceptions; see store_calendar."""
    week = desk_week(store_id)
    return rules.DeskCalendar(week, _exceptions(week, store_id, Covers.DESK, first, last))


def desk_calendars(store_ids: Iterable[int], first: date, last: date | None = None) -> dict[int, rules.DeskCalendar]:
    """The calendars of several desks from a known day on, with two queries for all; see store_calendar."""
    weeks = desk_weeks(store_ids)
    days = _days_of(weeks, Covers.DESK, first, last)
    return {store_id: rules.DeskCalendar(week, _of(week, store_id, days)) for store_id, week in weeks.items()}


def legal_calendar(first: date | None = None, last: date | None = None) -> rules.LegalCalendar:
    """Working days by the law; a year without a list counts as plain Monday to Friday."""
    days = _within(CalendarDay.objects.of_company(), first, last)
    return rules.LegalCalendar(rules.LEGAL_WEEK, rules.legal_exceptions(day.exception for day in days))


def opening_week(store_id: int) -> rules.Week:
    """The weekly hours of a store; every day 8:30–18:00 until an admin has entered some."""
    return opening_weeks([store_id])[store_id]


def opening_weeks(store_ids: Iterable[int]) -> dict[int, rules.Week]:
    """The weekly hours of several stores with one query."""
    rows: dict[int, dict[int, list[rules.Segment]]] = defaultdict(lambda: defaultdict(list))
    for row in OpeningHours.objects.filter(store_id__in=store_ids):
        rows[row.store_id][row.weekday].append(row.segment)
    entered = {
        store_id: {weekday: rules.sorted_segments(segments) for weekday, segments in sorted(week.items())}
        for store_id, week in rows.items()
    }
    return {store_id: entered.get(store_id, rules.DEFAULT_STORE_WEEK) for store_id in store_ids}


def desk_week(store_id: int) -> rules.Week:
    """The weekly shifts of a store's desk; Monday to Saturday 8:30–18:00 until an admin has entered some."""
    return desk_weeks([store_id])[store_id]


def desk_weeks(store_ids: Iterable[int]) -> dict[int, rules.Week]:
    """The weekly shifts of several desks with one query."""
    rows: dict[int, dict[int, rules.Segments]] = defaultdict(dict)
    for row in _rotas(stores=list(store_ids)):
        rows[row.store_id][row.weekday] = (row.segment,) if row.works else ()
    return {store_id: rows.get(store_id, rules.DEFAULT_DESK_WEEK) for store_id in store_ids}


def missing_years(today: date) -> list[int]:
    """The years whose official holidays should be known by ``today`` and are not.

    Next year's list is expected from 1 November on; without it that year counts as Monday to
    Friday, so the pages warn.
    """
    needed = rules.years_needed(today)
    span = (date(needed[0], 1, 1), date(needed[-1], 12, 31))
    holidays = CalendarDay.objects.of_company().filter(kind=DayKind.HOLIDAY).between(*span)
    known = {day.year for day in holidays.values_list("day", flat=True)}
    return [year for year in needed if year not in known]


def _exceptions(week: rules.Week, store_id: int, covers: Covers, first: date | None, last: date | None) -> dict:
    stretch = {name: day for name, day in (("first", first), ("last", last)) if day is not None}
    return _of(week, store_id, _exceptional(covers, store=store_id, **stretch))


@compiled
def _exceptional(
    covers: Covers, *, store: int, first: date | None = None, last: date | None = None
) -> QuerySet[CalendarDay]:
    return _within(CalendarDay.objects.of_company() | CalendarDay.objects.of_store(store, covers), first, last)


@compiled
def _rotas(*, stores: list[int]) -> QuerySet[DeskRota]:
    return DeskRota.objects.filter(store__pk__in=stores)


def _days_of(store_ids: Iterable[int], covers: Covers, first: date, last: date | None) -> list[CalendarDay]:
    """The company's exceptional days and those of several stores, to be told apart by `_of`."""
    own = CalendarDay.objects.filter(store_id__in=store_ids, covers__in=[Covers.BOTH, covers])
    return list(_within(CalendarDay.objects.of_company() | own, first, last))


def _of(week: rules.Week, store_id: int, days: Iterable[CalendarDay]) -> dict:
    """What differs from a store's week, of the company's and the stores' exceptional days."""
    official = [day.exception for day in days if day.store_id is None]
    own = [day.exception for day in days if day.store_id == store_id]
    return rules.business_exceptions(week, official, own)


def _within(rows, first: date | None, last: date | None):
    if first is not None:
        rows = rows.filter(day__gte=first)
    return rows.filter(day__lte=last) if last is not None else rows
