"""Lets chosen open tickets count by today's calendar and limits: one entry in each ledger, one audited action."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import recount
from complaints.actions import ticket
from complaints.models import ClockEntry, Complaint
from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken


@transaction.atomic
def recount_tickets(
    store_id: int, chosen: Collection[int], *, reason: str, seen: str, by: Employee, now: datetime
) -> list[Complaint]:
    """Count the chosen tickets anew; gives those that moved. One that would not move any more is left alone.

    `seen` is recount.mark as the page showed it: refuses when calendar or limits have changed again, and when nothing
    is chosen. A second click finds nothing to move. Tickets that the chooser is barred from are refused as a whole.
    """
    if not chosen:
        raise RuleBroken(_("Tick at least one complaint."), code="nothing")
    text = ticket.written(reason, 200, field="reason")
    store = Store.objects.select_for_update(no_key=True).get(pk=store_id)
    if seen != recount.mark(store_id):
        raise RuleBroken(
            _("The calendar or the limits have changed again. Look at the new deadlines and apply once more."),
            code="stale",
        )
    tickets = Complaint.objects.filter(store_id=store_id, pk__in=chosen).live().open().select_related("level")
    found = recount.moves(store_id, now, tickets)
    ordered = sorted(found, key=lambda one: one.complaint.pk)  # the lower key first, as everywhere
    moved = [_count(one, text, ticket.Change(by, now)) for one in ordered]
    if moved:
        numbers = [one.number for one in moved]
        trail.record(by, "complaints.recounted", store, store_id=store_id, tickets=numbers, reason=text)
    return moved


def _count(move: recount.Move, reason: str, change: ticket.Change) -> Complaint:
    complaint = ticket.begin(move.complaint.pk, "recount", change, fields=ticket.DUE_FIELDS)
    fields = ticket.turn_clock(complaint, ClockEntry.Kind.RECOUNT, change, reason=reason)
    moved: dict[str, Any] = {f"{name}_due_at": (before, after) for name, before, after in move.changes}
    return ticket.finish(complaint, "recount", change, fields=fields, note=reason, because=list(move.because), **moved)
