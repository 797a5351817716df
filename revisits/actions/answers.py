"""What the answers of a call cause: the stored response, the ticket of a low answer, the verdict on a complaint."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from complaints import actions as complaints
from complaints.actions.settling import open_settled
from complaints.models import Category, Complaint, Kind, Source
from crm_site.accounts.models import Employee
from revisits import asking
from revisits.models import CallResult, Revisit
from revisits.rules import tickets
from revisits.said import Call
from satisfaction import actions as satisfaction
from satisfaction.attribution import department_of, occasion_of
from satisfaction.models import Answer, Decision, Response

#: decision about low answers -> kind of the ticket
KINDS = {Decision.GRIEVANCE: Kind.GRIEVANCE, Decision.COMPLAINT: Kind.COMPLAINT, Decision.SETTLED: Kind.GRIEVANCE}


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
    matter = _matter(revisit, call, response) | {
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


def _matter(revisit: Revisit, call: Call, response: Response) -> dict[str, Any]:
    """What a ticket says of its cause, in the terms of open_ticket."""
    rows = list(response.answers.filter(is_low=True).select_related("question"))
    low = [
        tickets.LowAnswer(row.question.code, row.normalised or tickets.NOTHING, row.weight, row.reason) for row in rows
    ]
    gravest = tickets.gravest(low)
    cause = next((row for row in rows if gravest and row.question.code == gravest.code), None)
    kind = response.version.questionnaire.kind
    category = call.ticket.category or category_of(revisit.store_id, gravest.code if gravest else "", kind)
    return {
        "store_id": revisit.store_id,
        "source": Source.REVISIT,
        "words": tickets.words_of(low),
        "demand": call.ticket.demand,
        "category": category,
        "department": "" if category and category.department else _department(cause, kind),
        "customer": revisit.customer,
        "vehicle": revisit.vehicle,
        "delivery": revisit.delivery,
        "repair_order": revisit.repair_order,
        "origin": response,
        "accused": call.ticket.accused or _named(revisit, call, cause, kind),
    }


def category_of(store_id: int, question_code: str, kind: str) -> Category | None:
    """The category that a low answer belongs to, as the store has it, else the company's."""
    rows = Category.objects.for_store(store_id).filter(code=tickets.category_code(question_code, kind))
    return max(rows, key=lambda row: row.store_id or 0, default=None)


def _department(cause: Answer | None, kind: str) -> str:
    return department_of(kind, cause.question.attribution) if cause else ""


def _named(revisit: Revisit, call: Call, cause: Answer | None, kind: str) -> Employee | None:
    """The one employee whose work the gravest low answer judges; nobody where there are several or none."""
    if call.ticket.names_nobody or cause is None:
        return None
    occasion = occasion_of(kind, revisit.delivery, revisit.repair_order)
    found = occasion.employees(cause.question.attribution)
    return found[0] if len(found) == 1 else None
