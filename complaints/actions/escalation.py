"""Tells the roles of a level that a limit runs out, each once for each limit (domain 6.2)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from complaints import people
from complaints.actions import ticket
from complaints.models import Complaint, Kind
from complaints.rules import clock, escalation
from crm_site.accounts.models import Role
from crm_site.core.clock import business_day
from crm_site.notices import actions as notices


def candidates(now: datetime) -> list[int]:
    """The open tickets whose clock runs towards a limit."""
    rows = Complaint.objects.open().filter(paused_at=None, due_at__isnull=False, level__isnull=False)
    rows = rows.exclude(kind=Kind.QUESTION).exclude(level__code="L1", due_at__gte=now)  # L1 tells only what is late
    return list(rows.values_list("pk", flat=True))


@transaction.atomic
def escalate(complaint_id: int, *, now: datetime) -> int:
    """Leave the notices of the stages that a ticket has reached; a second run finds them and adds none."""
    complaint = Complaint.objects.select_related("level").get(pk=complaint_id)
    if complaint.level is None or complaint.due_at is None or not complaint.is_open:
        return 0
    calendars = ticket.calendars_of(complaint.store_id)
    if not escalation.is_decent(complaint.level.code, now, calendars.store):
        return 0
    ledger = list(complaint.clock.order_by("sequence"))
    if not ledger:  # registered elsewhere and taken over: there is no clock to run out
        return 0
    run = clock.replay(ledger)
    share = escalation.share_used(run.started_at, complaint.due_at, now, complaint.level.clock, calendars.store)
    told = 0
    for stage, role in escalation.reached(complaint.level.code, share):
        told += _tell(complaint, stage, role, now)
    return told


def _tell(complaint: Complaint, stage: float, role: str, now: datetime) -> int:
    department = complaint.department if role == Role.HEAD else ""
    key = f"complaint:{complaint.pk}:{complaint.reopened}:{complaint.due_at:%Y%m%d%H%M}:{stage}:{role}"
    if not stage:  # told at once: once a level, whatever limit rules
        key = f"complaint:{complaint.pk}:{complaint.reopened}:{role}:at-once"
    receivers = people.in_role(complaint.store_id, role, business_day(now), department)
    for employee in receivers:
        if employee.user is not None:
            notices.tell(
                employee.user,
                "complaint.escalated",
                {"number": complaint.number},
                url=f"/complaints/{complaint.pk}/",
                kind="bad" if stage >= 1 else "warn",
                key=key,
            )
    return len(receivers)
