"""What a store has set about its months, and the days that follow for one of them."""

from __future__ import annotations

import json
from datetime import date, timedelta

from django.db.models.fields.json import KT

from crm_site.reports import periods
from crm_site.reports.models import MonthlyReport, ReportSettings, ReportState
from crm_site.reports.periods import Calendar, Period
from crm_site.worktime import calendars

#: a month that was published to another day than today's settings say moves the next one's beginning by no more
_SEAM = timedelta(days=31)


def settings_of(store_id: int) -> ReportSettings:
    """A store's settings; one without a row has the defaults of the fields."""
    return ReportSettings.objects.filter(store_id=store_id).first() or ReportSettings(store_id=store_id)


def period_for(store_id: int, month: date) -> Period:
    """The days of a store's month: as it was published before, else by its settings, next to the month before."""
    before = periods.month_start(month, 1)
    published = _published(store_id, before, month)
    if month in published:
        return published[month]
    wanted = periods.period_of(month, settings_of(store_id).month_begins)
    last = published[before].last if before in published else None
    if last is None or abs(wanted.start - last) > _SEAM or last >= wanted.last:
        return wanted
    return periods.period_of(month, settings_of(store_id).month_begins, after=last)


def period_of_report(report: MonthlyReport) -> Period:
    """The days that a report covers; an old one that does not say covers the natural month."""
    return _period(report.month, report.snapshot.get("period"))


def calendar_for(store_id: int, period: Period) -> Calendar:
    """公示 and 结账日 of a store's month."""
    found = settings_of(store_id)
    return periods.calendar_of(
        period,
        calendars.legal_calendar(period.last),
        shown_days=found.shown_days,
        publish_after=found.publish_after,
    )


def _published(store_id: int, *months: date) -> dict[date, Period]:
    """{month: the days with which it was published}."""
    rows = MonthlyReport.objects.filter(store_id=store_id, month__in=months, state=ReportState.PUBLISHED)
    found = rows.annotate(days=KT("snapshot__period")).values_list("month", "days")
    return {month: _period(month, json.loads(days) if days else None) for month, days in found}


def _period(month: date, days: list[str] | None) -> Period:
    if not days:
        return periods.period_of(month)
    return Period(month, *(date.fromisoformat(day) for day in days))
