"""A grievance that was settled while the customer was on the line: kept with its words, closed at once."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.actions import ticket
from complaints.actions.opening import open_ticket
from complaints.models import ClockEntry, Complaint, Kind, State
from crm_site.core.clock import business_day
from crm_site.core.errors import RuleBroken


@transaction.atomic
def open_settled(*, solution: str = "", **matter: Any) -> Complaint:
    """当场解决: open a grievance and close it in the same breath; no confirming call follows (domain 5.4).

    `matter` is what open_ticket takes. What the words raise above L1 cannot be settled on the spot and is refused
    with field `decision`; the same submission a second time gives the ticket it made.
    """
    complaint = open_ticket(**matter | {"kind": Kind.GRIEVANCE})
    if complaint.state == State.CLOSED:
        return complaint
    by, day = matter["reported_by"], business_day(matter["now"])
    ticket.check_clear(complaint, by, action="close", day=day, field="decision")
    if complaint.level is not None and complaint.level.rank > 1:
        level = complaint.level.label
        text = _(
            "These words make it a matter of level “%(level)s”, which cannot be settled on the spot. Open a ticket."
        )
        raise RuleBroken(text % {"level": level}, code="too_grave", field="decision")
    change = ticket.Change(matter["reported_by"], matter["now"])
    complaint.responded_at = complaint.closed_at = change.now
    complaint.solution = ticket.written(solution, 1000, field="decision_reason", required=False)
    fields = ["responded_at", "closed_at", "solution", *ticket.turn_clock(complaint, ClockEntry.Kind.STOP, change)]
    return ticket.finish(complaint, "settle", change, fields=fields, to=State.CLOSED, note=complaint.solution)
