"""What the clock asks of reports: drafts for ended months that have none, and fresh drafts every night."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from celery import shared_task

from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.reports import rules, work
from crm_site.reports.models import MonthlyReport, ReportState


@shared_task(name="crm_site.reports.tasks.enqueue_drafts", ignore_result=True)
def enqueue_drafts() -> int:
    """Ask for every draft that is missing or was built before today; keys make a second tick harmless."""
    today = clock.today()
    return ask_for_missing(today) + ask_for_fresh(today)


def ask_for_missing(today: date) -> int:
    """From the first on: a draft for each store and ended month (at most three back) without a report."""
    stores = list(Store.objects.filter(is_active=True))
    known: dict[int, set[date]] = defaultdict(set)
    for store_id, month in MonthlyReport.objects.values_list("store_id", "month").distinct():
        known[store_id].add(month)
    wanted = [
        (store, month) for store in stores for month in rules.months_to_build(today, store.go_live_on, known[store.pk])
    ]
    for store, month in wanted:
        work.ask_for_draft(store, month)
    return len(wanted)


def ask_for_fresh(today: date) -> int:
    """Drafts that were built before today are rebuilt once a day, so that decisions of the day before stand in them."""
    stale = MonthlyReport.objects.filter(state=ReportState.DRAFT, built_at__lt=clock.at(today), store__is_active=True)
    drafts = list(stale.select_related("store"))
    for report in drafts:
        work.ask_for_draft(report.store, report.month, today.isoformat())
    return len(drafts)
