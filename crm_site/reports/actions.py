"""Every change of a month's report: built as a draft, published and frozen, reopened as a further revision."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.jobs.models import Job
from crm_site.reports import rules
from crm_site.reports.models import MonthlyReport, ReportState
from crm_site.reports.snapshot import compose


def build_draft(store: Store, month: date, job: Job | None, *, now: datetime) -> MonthlyReport:
    """Make or replace the draft of a store's month; `month` is its first day. Safe to run again.

    Refuses a month that is published (reopen it) and one that has not begun.
    """
    if month > clock.business_day(now):
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
    if report is None:
        return MonthlyReport.objects.create(store=store, month=month, **values)
    for name, value in values.items():
        setattr(report, name, value)
    report.save(update_fields=list(values))
    return report


@transaction.atomic
def publish(report_id: int, *, by: Employee, now: datetime, sha256: str = "") -> MonthlyReport:
    """Freeze a draft; from then on it never changes, and an earlier published revision is superseded.

    `sha256` is that of the draft which the person saw: another one has been built since is refused. Refuses also a
    month that is not over and a sum that does not come out even.
    """
    report = MonthlyReport.objects.select_for_update(of=("self",)).get(pk=report_id)
    _check_publishable(report, sha256, clock.business_day(now))
    earlier = MonthlyReport.objects.filter(store_id=report.store_id, month=report.month, state=ReportState.PUBLISHED)
    earlier.update(state=ReportState.SUPERSEDED)
    report.state, report.published_at, report.published_by = ReportState.PUBLISHED, now, by
    report.sha256 = rules.digest(report.snapshot)
    report.save(update_fields=["state", "published_at", "published_by", "sha256"])
    trail.record(by, "report.published", report, month=report.month, revision=report.revision, sha256=report.sha256)
    return report


def _check_publishable(report: MonthlyReport, sha256: str, today: date) -> None:
    if report.state != ReportState.DRAFT:
        raise RuleBroken(_("This report is published already."), code="published")
    if not rules.is_over(report.month, today):
        raise RuleBroken(
            _("The month is not over. It can be published from the first of the next month."), code="running"
        )
    if sha256 and sha256 != report.sha256:
        raise RuleBroken(
            _("The draft has been rebuilt since you opened it. Look at the new figures, then publish."), code="rebuilt"
        )
    if not rules.sum_of(report.snapshot).is_even:
        raise RuleBroken(
            _("The sum does not come out even: employees and lines differ from the store's total. Build it anew."),
            code="uneven",
        )


def reopen(report_id: int, *, by: Employee, reason: str, now: datetime) -> MonthlyReport:
    """Begin a further revision of a published month, built from the rows as they stand; the old one stays readable.

    Refuses without a reason, and where a draft is open already.
    """
    reason = reason.strip()
    if not reason:
        raise RuleBroken(_("Say why the month is reopened."), code="reason", field="reason")
    frozen = MonthlyReport.objects.select_related("store").get(pk=report_id)
    return _next_revision(report_id, compose(frozen.store_id, frozen.month), by, reason[:500], now)


@transaction.atomic
def _next_revision(report_id: int, snapshot: rules.Snapshot, by: Employee, reason: str, now: datetime) -> MonthlyReport:
    report = MonthlyReport.objects.select_for_update(of=("self",)).get(pk=report_id)
    newest = MonthlyReport.objects.filter(store_id=report.store_id, month=report.month).first()
    if report.state != ReportState.PUBLISHED or newest is None or newest.state == ReportState.DRAFT:
        raise RuleBroken(_("This month is open already."), code="open")
    draft = MonthlyReport.objects.create(
        store_id=report.store_id,
        month=report.month,
        revision=newest.revision + 1,
        snapshot=snapshot,
        sha256=rules.digest(snapshot),
        built_at=now,
    )
    trail.record(by, "report.reopened", draft, month=report.month, revision=draft.revision, reason=reason)
    return draft


def record_download(report: MonthlyReport, *, by: Employee, rows: int, sha256: str) -> None:
    """Note in the trail who took a report away as a workbook: how many rows, and the file's hash."""
    trail.record(by, "report.exported", report, month=report.month, revision=report.revision, rows=rows, sha256=sha256)
