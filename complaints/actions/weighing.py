"""Decides about a level that the system asks about or proposes: yes or no, with a reason (domain 6.2)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.actions import ticket
from complaints.actions.steering import put_level
from complaints.models import Complaint
from complaints.rules import levels
from crm_site.accounts.models import Employee
from crm_site.core.errors import RuleBroken


@transaction.atomic
def judge_words(
    complaint_id: int, *, is_grave: bool, reason: str, by: Employee, now: datetime, version: int | None = None
) -> Complaint:
    """Answer whether single words such as “brakes” make it L4; refuses where nothing is asked any more."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "judge_words", change, fields=["grave_answered_at", "level"])
    if not asks(complaint):
        raise RuleBroken(_("This has been answered already."), code="answered")
    text = ticket.written(reason, 200, field="reason")
    complaint.grave_answered_at = now
    fields = ["grave_answered_at"]
    before = complaint.level.code if complaint.level else ""
    if is_grave:
        fields += put_level(complaint, levels.GRAVEST, text, change)
    after = complaint.level.code if complaint.level else ""
    return ticket.finish(
        complaint, "judge_words", change, fields=fields, note=text, is_grave=is_grave, level=(before, after)
    )


@transaction.atomic
def judge_level(
    complaint_id: int, *, accepts: bool, reason: str = "", by: Employee, now: datetime, version: int | None = None
) -> Complaint:
    """Take over the level that is proposed, or decline it with a reason; refuses where none is proposed any more."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "judge_level", change, fields=["proposed_level", "level"])
    proposed = complaint.proposed_level
    if not proposed:
        raise RuleBroken(_("No level is proposed any more."), code="answered")
    text = ticket.written(reason, 200, field="reason", required=not accepts)
    complaint.proposed_level = complaint.proposed_because = ""
    fields = ["proposed_level", "proposed_because"]
    before = complaint.level.code if complaint.level else ""
    if accepts:
        fields += put_level(complaint, proposed, text, change)
    return ticket.finish(
        complaint, "judge_level", change, fields=fields, note=text, accepts=accepts,
        level=(before, proposed if accepts else before),
    )  # fmt: skip


def asks(complaint: Complaint) -> list[str]:
    """The customer's single words about which nobody has said yet whether they make it L4."""
    open_question = complaint.grave_words and complaint.grave_answered_at is None
    return complaint.grave_words.split(",") if open_question else []
