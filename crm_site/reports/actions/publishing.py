"""A draft is published and frozen on 结账日, and reopened only with a reason as a further revision."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock, formats
from crm_site.core.errors import RuleBroken
from crm_site.reports import calendar, rules, wording
from crm_site.reports.models import Appeal, MonthlyReport, ReportState
from crm_site.reports.snapshot import compose


@transaction.atomic
def publish(report_id: int, *, by: Employee | None, now: datetime, sha256: str = "") -> MonthlyReport:
    """Freeze a draft; from then on it never changes, and an earlier published revision is superseded.

    `by` is None where the clock publishes. `sha256` is that of the draft which the person saw: another one has been
    built since is refused, as is everything that `obstacles` names.
    """
    report = MonthlyReport.objects.select_for_update(of=("self",)).get(pk=report_id)
    if sha256 and sha256 != report.sha256:
        raise RuleBroken(
            _("The draft has been rebuilt since you opened it. Look at the new figures, then publish."), code="rebuilt"
        )
    refused = obstacles(report, clock.business_day(now))
    if refused:
        raise refused[0]
    earlier = MonthlyReport.objects.filter(store_id=report.store_id, month=report.month, state=ReportState.PUBLISHED)
    earlier.update(state=ReportState.SUPERSEDED)
    report.state, report.published_at, report.published_by = ReportState.PUBLISHED, now, by
    report.sha256 = rules.digest(report.snapshot)
    report.save(update_fields=["state", "published_at", "published_by", "sha256"])
    trail.record(by, "report.published", report, month=report.month, revision=report.revision, sha256=report.sha256)
    return report


def obstacles(report: MonthlyReport, today: date) -> list[RuleBroken]:
    """Why a report cannot be published on a day, gravest first; [] where it can."""
    if report.state != ReportState.DRAFT:
        return [RuleBroken(_("This report is published already."), code="published")]
    found = [*_too_early(report, today), *_uneven(report), *_appealed(report), *_out_of_turn(report)]
    return [RuleBroken(text, code=code) for text, code in found]


def _too_early(report: MonthlyReport, today: date) -> list[tuple[str, str]]:
    period = calendar.period_of_report(report)
    if not period.is_over(today):
        text = _("The month is not over. It can be published from %(day)s on.")
        return [(text % {"day": formats.day(report.shown_from or period.end, today)}, "running")]
    if report.shown_until is not None and today <= report.shown_until:
        text = _("The draft is open to appeals until %(day)s. It can be published after that.")
        return [(text % {"day": formats.day(report.shown_until, today)}, "shown")]
    return []


def _uneven(report: MonthlyReport) -> list[tuple[str, str]]:
    if rules.sum_of(report.snapshot).is_even:
        return []
    text = _("The sum does not come out even: employees and lines differ from the store's total. Build it anew.")
    return [(text, "uneven")]


def _appealed(report: MonthlyReport) -> list[tuple[str, str]]:
    """Open appeals of the month, and accepted ones that the draft has not counted yet."""
    appeals = Appeal.objects.filter(store_id=report.store_id, report__month=report.month)
    waiting = appeals.filter(state=Appeal.State.OPEN).select_related("employee", "complaint").order_by("pk")
    if waiting:
        names = _(", ").join(wording.appeal_name(one) for one in waiting)
        return [(_("Appeals are still to be decided: %(names)s.") % {"names": names}, "appeals")]
    if appeals.filter(state=Appeal.State.ACCEPTED, decided_at__gt=report.built_at).exists():
        return [(_("An appeal has changed what is counted. The draft is being rebuilt; look again."), "rebuilding")]
    return []


def _out_of_turn(report: MonthlyReport) -> list[tuple[str, str]]:
    """An earlier month that waits: adjustments build on what was published before."""
    earlier = MonthlyReport.objects.filter(
        store_id=report.store_id, month__lt=report.month, state=ReportState.DRAFT
    ).order_by("month")
    first = earlier.values_list("month", flat=True).first()
    if first is None:
        return []
    return [(_("Publish %(month)s first; months follow one another.") % {"month": wording.month_name(first)}, "turn")]


def reopen(report_id: int, *, by: Employee, reason: str, now: datetime) -> MonthlyReport:
    """Begin a further revision of a published month, built from the rows as they stand; the old one stays readable.

    It has no public days of its own. Refuses without a reason, and where a draft is open already.
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
        reopened_because=reason,
    )
    trail.record(by, "report.reopened", draft, month=report.month, revision=draft.revision, reason=reason)
    return draft


def record_download(report: MonthlyReport, *, by: Employee, rows: int, sha256: str) -> None:
    """Note in the trail who took a report away as a workbook: how many rows, and the file's hash."""
    trail.record(by, "report.exported", report, month=report.month, revision=report.revision, rows=rows, sha256=sha256)
