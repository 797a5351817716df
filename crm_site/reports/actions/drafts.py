"""A draft is made on the first day after the month, rebuilt every night, and kept where nothing has changed."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.jobs.models import Job
from crm_site.reports import calendar, rules
from crm_site.reports.models import MonthlyReport, ReportState
from crm_site.reports.snapshot import compose


def build_draft(store: Store, month: date, job: Job | None, *, now: datetime) -> MonthlyReport:
    """Make or replace the draft of a store's month; `month` is its first day. Safe to run again.

    Where nothing has changed the draft keeps its text and hash, only the moment moves. Refuses a month that is
    published (reopen it) and one that has not begun.
    """
    if calendar.period_for(store.pk, month).start > clock.business_day(now):
        raise RuleBroken(_("This month has not begun."), code="future")
    snapshot = compose(store.pk, month)
    try:
        return _write_draft(store, month, snapshot, job, now)
    except IntegrityError:  # somebody else has just made the first draft: replace that one
        return _write_draft(store, month, snapshot, job, now)


@transaction.atomic
def _write_draft(store: Store, month: date, snapshot: rules.Snapshot, job: Job | None, now: datetime) -> MonthlyReport:
    report = MonthlyReport.objects.select_for_update(of=("self",)).filter(store=store, month=month).first()
    if report is not None and report.state != ReportState.DRAFT:
        raise RuleBroken(_("This month is published and frozen. Reopen it to count anew."), code="published")
    values = {"snapshot": snapshot, "sha256": rules.digest(snapshot), "built_at": now, "built_by_job": job}
    if report is None or report.revision == 1:
        values |= _days(store.pk, month)
    if report is None:
        return MonthlyReport.objects.create(store=store, month=month, **values)
    if report.sha256 == values["sha256"]:
        del values["snapshot"]
    for name, value in values.items():
        setattr(report, name, value)
    report.save(update_fields=list(values))
    return report


def _days(store_id: int, month: date) -> dict[str, date]:
    """公示 and 结账日 by today's settings; a revision has none of its own."""
    days = calendar.calendar_for(store_id, calendar.period_for(store_id, month))
    return {"shown_from": days.shown_from, "shown_until": days.shown_until, "publish_on": days.publish_on}
