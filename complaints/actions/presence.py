"""Who has a ticket open now, and who is writing: kept for seconds, believed only while the page keeps saying so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from complaints.models import Complaint, Presence
from complaints.rules.transitions import NEXT
from crm_site.accounts.models import Employee

#: how long a page is believed to be open after it last said so; it says so every 10 seconds
BELIEVED = timedelta(seconds=30)
#: rows older than this tell nobody anything
KEPT = timedelta(minutes=10)


def renew(complaint_id: int, user: Any, *, writing: str, now: datetime) -> bool:
    """Say again that the page is open; False where this person has not said so yet, or may not see the ticket.

    One statement: it runs every few seconds for every open page.
    """
    mine = Presence.objects.filter(complaint_id=complaint_id, employee__user=user)
    seen = mine.filter(complaint__in=Complaint.objects.visible_to(user))
    return bool(seen.update(seen_at=now, writing=_form(writing)))


def enter(complaint: Complaint, employee: Employee, *, writing: str, now: datetime) -> None:
    """Say for the first time that somebody has the ticket open."""
    Presence.objects.update_or_create(
        complaint=complaint,
        employee=employee,
        defaults={"store_id": complaint.store_id, "seen_at": now, "writing": _form(writing)},
    )


def leave(complaint_id: int, user: Any) -> None:
    """The page was closed."""
    Presence.objects.filter(complaint_id=complaint_id, employee__user=user).delete()


def others(complaint_id: int, user: Any, now: datetime) -> QuerySet[Presence]:
    """Who else has it open now, who writes first; read it only for a ticket that the user may see."""
    rows = Presence.objects.filter(complaint_id=complaint_id, seen_at__gt=now - BELIEVED)
    return rows.exclude(employee__user=user).select_related("employee").order_by("-writing", "employee__number")


def forget(now: datetime) -> int:
    """Erase what is long past; for the tick. Gives how many rows went."""
    return Presence.objects.filter(seen_at__lt=now - KEPT).delete()[0]


def _form(writing: str) -> str:
    """The step whose form they have begun; nothing else is remembered."""
    return writing if writing in NEXT else ""
