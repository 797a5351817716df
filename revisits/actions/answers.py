"""What the answers of a call cause: the stored response, the ticket of a low answer, the verdict on a complaint."""

from __future__ import annotations

from datetime import datetime

from complaints import actions as complaints
from complaints.actions.settling import open_settled
from complaints.models import Complaint
from crm_site.accounts.models import Employee
from revisits import asking
from revisits.actions.low_answers import KINDS, matter_of
from revisits.models import CallResult, Revisit
from revisits.said import Call
from satisfaction import actions as satisfaction
from satisfaction.models import Decision, Response


def keep(revisit: Revisit, call: Call, result: CallResult, *, by: Employee, now: datetime) -> Response | None:
    """Record the answers, if the result saves them and there is a questionnaire; None otherwise."""
    version = revisit.questionnaire_version
    if not result.saves_answers or version is None or not call.answers:
        return None
    return satisfaction.record_response(
        asking.with_questions(version),
        store_id=revisit.store_id,
        customer=revisit.customer,
        vehicle=revisit.vehicle,
        delivery=revisit.delivery,
        repair_order=revisit.repair_order if revisit.delivery_id is None else None,
        asked_by=by,
        channel=call.channel,
        at=now,
        answers=call.answers,
        decision=call.decision,
        decision_reason=call.decision_reason,
        submission=call.submission,
    )


def open_tickets(
    revisit: Revisit, call: Call, response: Response | None, *, by: Employee, now: datetime
) -> Complaint | None:
    """The ticket that the decision about low answers opens; None without one, and in a confirming call.

    A grievance begins at L1, a complaint where its words put it (L2 as a rule); what was settled is closed at once.
    """
    if response is None or asking.is_confirmation(revisit) or response.decision not in KINDS:
        return None
    decision = Decision(response.decision)
    told = call.ticket
    matter = matter_of(
        response, category=told.category, accused=told.accused, names_nobody=told.names_nobody, demand=told.demand
    ) | {
        "delivery": revisit.delivery,
        "repair_order": revisit.repair_order,
        "kind": KINDS[decision],
        "reported_by": by,
        "received_at": now,
        "now": now,
        "submission": call.submission,
    }
    if decision == Decision.SETTLED:
        return open_settled(solution=call.decision_reason, **matter)
    return complaints.open_ticket(**matter)


def confirm(
    revisit: Revisit, verdict: str, response: Response | None, *, by: Employee, now: datetime, note: str
) -> None:
    """Hand the verdict of a confirming call to its ticket, for the round that the call was made for."""
    if revisit.complaint_id is None:
        return
    number = int(revisit.anchor_key.rpartition(":")[2])
    complaints.record_confirmation(
        revisit.complaint_id,
        result=verdict,
        response=response,
        by=by,
        at=now,
        round=number,
        note=note,
        override=revisit.override_by_id is not None,
    )
