"""申诉: raised once against a liability or an answer while the draft is shown, decided before it is published."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from complaints.actions import appeal_liability
from complaints.models import Complaint
from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock, formats
from crm_site.core.errors import RuleBroken
from crm_site.reports import parts, reading, telling, work
from crm_site.reports.models import Appeal, MonthlyReport, ReportState
from satisfaction.actions.reattributing import reattribute
from satisfaction.models import Response

#: how long a reason and a decision may be, as the columns are
LONGEST = 1000


@transaction.atomic
def raise_appeal(
    report_id: int,
    *,
    employee: Employee,
    complaint: Complaint | None = None,
    response: Response | None = None,
    reason: str,
    by: Employee,
    submission: UUID,
    now: datetime,
) -> Appeal:
    """Object to a liability or to an answer laid at an employee's door; the same `submission` again gives the same row.

    By the employee, or by the head of the department in which the line stands. Refuses outside the public days, what
    does not stand in the draft, a second appeal about the same thing, and a missing reason.
    """
    known = Appeal.objects.filter(store_id=employee.store_id, submission=submission).first()
    if known is not None:
        return known
    report = MonthlyReport.objects.select_for_update(of=("self",)).get(pk=report_id)
    check_open(report, now)
    _check_stands(report, employee, complaint, response)
    if not parts.may_appeal(report, employee, by, clock.business_day(now)):
        raise RuleBroken(_("Only the employee and the head of the department appeal."), code="role")
    values = {"complaint": complaint, "response": response, "employee": employee}
    if Appeal.objects.filter(**values).exists():
        raise RuleBroken(_("This has been appealed against already; it is decided once."), code="twice")
    appeal = Appeal(
        store_id=report.store_id, report=report, raised_by=by, raised_at=now, submission=submission,
        reason=_written(reason, "reason"), **values,
    )  # fmt: skip
    try:
        with transaction.atomic():
            appeal.save(force_insert=True)
    except IntegrityError as twice:
        raise RuleBroken(_("This has been appealed against already; it is decided once."), code="twice") from twice
    trail.record(by, "appeal.raised", appeal, employee=employee, complaint=complaint, response=response)
    telling.appeal_raised(appeal)
    return appeal


def check_open(report: MonthlyReport, now: datetime) -> None:
    """Refuse (RuleBroken, with the days) a month that takes no appeals at this moment."""
    today = clock.business_day(now)
    if report.state != ReportState.DRAFT or report.shown_from is None or report.shown_until is None:
        raise RuleBroken(_("This month is not open to appeals."), code="closed")
    if today < report.shown_from:
        text = _("Appeals are taken from %(from)s to %(until)s.")
        days = {"from": formats.day(report.shown_from, today), "until": formats.day(report.shown_until, today)}
        raise RuleBroken(text % days, code="early")
    if today > report.shown_until:
        text = _("The public days ended on %(day)s. What is decided now stands in next month's adjustments.")
        raise RuleBroken(text % {"day": formats.day(report.shown_until, today)}, code="late")


def _check_stands(
    report: MonthlyReport, employee: Employee, complaint: Complaint | None, response: Response | None
) -> None:
    """What is appealed against must stand in a line of the employee."""
    rows = [row for row in reading.upgraded(report.snapshot)["rows"] if row["employee"] == employee.pk]
    if complaint is not None:
        stands = any(complaint.pk in row[name] for row in rows for name in ("direct", "joint", "grievances"))
    else:
        stands = response is not None and any(response.pk in row["responses"] for row in rows)
    if not stands:
        raise RuleBroken(_("This does not stand in the employee's line of the draft."), code="absent")


@transaction.atomic
def decide(
    appeal_id: int,
    *,
    accepts: bool,
    decision: str,
    party: str = "",
    liable: Employee | None = None,
    by: Employee,
    now: datetime,
) -> Appeal:
    """Decide an appeal with a reason; accepted, the liability or attribution is changed and the draft is rebuilt.

    `party` and `liable` say who answers instead: an employee, or a party that is none; for an answer the employee whose
    work it judges instead, or nobody. By the manager; by the director where it is about a manager's own line.
    """
    appeal = Appeal.objects.select_for_update(of=("self",)).select_related("report", "employee").get(pk=appeal_id)
    if appeal.state != Appeal.State.OPEN:
        raise RuleBroken(_("This appeal is decided already."), code="decided")
    parts.check_decider(appeal, by)
    text = _written(decision, "decision")
    if accepts:
        _carry_out(appeal, party=party, liable=liable, why=text, by=by, now=now)
    appeal.state = Appeal.State.ACCEPTED if accepts else Appeal.State.REJECTED
    appeal.decided_by, appeal.decided_at, appeal.decision = by, now, text
    appeal.save(update_fields=["state", "decided_by", "decided_at", "decision"])
    trail.record(by, "appeal.decided", appeal, state=str(appeal.state), employee=appeal.employee)
    telling.appeal_decided(appeal)
    if accepts and appeal.report.state == ReportState.DRAFT:
        work.ask_for_draft(appeal.report.store, appeal.report.month, f"appeal-{appeal.pk}")
    return appeal


def _carry_out(appeal: Appeal, *, party: str, liable: Employee | None, why: str, by: Employee, now: datetime) -> None:
    """Change what the appeal was about, by the action of the room that owns it."""
    if liable is not None and liable.pk == appeal.employee_id:
        raise RuleBroken(_("Name somebody else, or a party that is no employee."), field="liable")
    if appeal.response_id is not None:
        reattribute(appeal.response_id, appeal.employee, to=liable, reason=why, by=by, at=now)
        return
    appeal_liability(
        appeal.complaint_id,  # type: ignore[arg-type]  # one of the two is there, as a constraint says
        instead_of=appeal.employee,
        party=party,
        employee=liable,
        why=why,
        by=by,
        now=now,
    )


def _written(text: str, field: str) -> str:
    text = text.strip()
    if not text:
        raise RuleBroken(_("Give the reason in a few words; it stays on record."), code="required", field=field)
    if len(text) > LONGEST:
        message = _("This is %(length)s characters long; %(limit)s fit. Shorten it.")
        raise RuleBroken(message % {"length": len(text), "limit": LONGEST}, code="too_long", field=field)
    return text
