"""What the clock asks of reports: drafts, the public days announced, the day of publishing kept."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from celery import shared_task
from django.db.models import QuerySet

from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.reports import actions, periods, telling, work
from crm_site.reports.models import MonthlyReport, ReportSettings, ReportState

#: on 结账日 the manager has the whole working day; from this hour on the clock publishes where the store wants it
PUBLISH_HOUR = 18


@shared_task(name="crm_site.reports.tasks.enqueue_drafts", ignore_result=True)
def enqueue_drafts() -> int:
    """Ask for every draft that is missing or was built before today, then keep the calendar; safe to run again."""
    now = clock.now()
    today = clock.business_day(now)
    asked = ask_for_missing(today) + ask_for_fresh(today)
    keep_calendar(now)
    return asked


def ask_for_missing(today: date) -> int:
    """From the first day on: a draft for each store and ended month (at most three back) without a report."""
    stores = list(Store.objects.filter(is_active=True))
    begins = dict(ReportSettings.objects.values_list("store_id", "month_begins"))
    known: dict[int, set[date]] = defaultdict(set)
    for store_id, month in MonthlyReport.objects.values_list("store_id", "month").distinct():
        known[store_id].add(month)
    wanted = [
        (store, month)
        for store in stores
        for month in periods.months_to_build(
            today, store.go_live_on, known[store.pk], begins.get(store.pk, periods.NATURAL)
        )
    ]
    for store, month in wanted:
        work.ask_for_draft(store, month)
    return len(wanted)


def ask_for_fresh(today: date) -> int:
    """Drafts that were built before today are rebuilt once a day, so that decisions of the day before stand in them."""
    stale = _drafts().filter(built_at__lt=clock.at(today))
    drafts = list(stale.defer("snapshot"))
    for report in drafts:
        work.ask_for_draft(report.store, report.month, today.isoformat())
    return len(drafts)


def keep_calendar(now: datetime) -> None:
    """Announce the public days and the day of publishing, and publish what a store wants published by itself."""
    today = clock.business_day(now)
    for report in _drafts().filter(shown_from__lte=today, shown_until__gte=today).defer("snapshot"):
        telling.shown(report)
    by_itself = set(ReportSettings.objects.filter(publishes_itself=True).values_list("store_id", flat=True))
    for report in _drafts().filter(publish_on__lte=today).order_by("store_id", "month"):
        if report.store_id not in by_itself:
            telling.due(report)
        elif clock.local(now).hour >= PUBLISH_HOUR or report.publish_on != today:
            publish_by_itself(report, now)


def publish_by_itself(report: MonthlyReport, now: datetime) -> bool:
    """Publish a draft of today, or tell the managers what stands in the way; gives whether it was published."""
    if report.built_at is None or clock.business_day(report.built_at) < clock.business_day(now):
        return False  # tonight's rebuild comes first
    try:
        done = actions.publish(report.pk, by=None, now=now, sha256=report.sha256)
    except RuleBroken as refused:
        if refused.code not in {"published", "rebuilt", "rebuilding"}:
            telling.held(report, refused.code)
        return False
    telling.published(done)
    return True


def _drafts() -> QuerySet[MonthlyReport]:
    """The drafts of the stores that work."""
    rows = MonthlyReport.objects.filter(state=ReportState.DRAFT, store__is_active=True)
    return rows.select_related("store").order_by("store_id", "month")
