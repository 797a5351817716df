"""What a ticket about low answers says: gathered from the answers, for a call's own decision and for a later one."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from complaints import actions as complaints
from complaints.actions.settling import open_settled
from complaints.models import Category, Complaint, Kind, Source
from crm_site.accounts.models import Employee
from crm_site.core.clock import business_day
from revisits import classes
from revisits.rules import tickets
from satisfaction.attribution import department_of, occasion_of
from satisfaction.models import Answer, Decision, Response

#: decision about low answers -> kind of the ticket
KINDS = {Decision.GRIEVANCE: Kind.GRIEVANCE, Decision.COMPLAINT: Kind.COMPLAINT, Decision.SETTLED: Kind.GRIEVANCE}


def open_for(response: Response, *, by: Employee, at: datetime) -> Complaint | None:
    """The ticket that a decision made after the answers asks for; None where the customer does not pursue it.

    It was received when the customer answered, so its clock has run since. What was settled is closed at once.
    The same response again gives the ticket that it made. The customer's class follows at once.
    """
    ticket = _ticket(response, by=by, at=at)
    if response.customer_id:
        classes.refresh(response.store_id, [response.customer_id], business_day(at))
    return ticket


def _ticket(response: Response, *, by: Employee, at: datetime) -> Complaint | None:
    if response.decision not in KINDS:
        return None
    matter = matter_of(response) | {
        "kind": KINDS[Decision(response.decision)],
        "delivery": response.delivery,
        "repair_order": response.repair_order,
        "reported_by": by,
        "received_at": min(response.answered_at, at),
        "now": at,
        "submission": uuid.uuid5(response.submission, "decided"),
    }
    if response.decision == Decision.SETTLED:
        return open_settled(solution=response.decision_reason, **matter)
    return complaints.open_ticket(**matter)


def matter_of(
    response: Response,
    *,
    category: Category | None = None,
    accused: Employee | None = None,
    names_nobody: bool = False,
    demand: str = "",
) -> dict[str, Any]:
    """What a ticket says of its cause, in the terms of open_ticket; the gravest low answer names what it is about.

    `category` and `accused` are what somebody chose; without them they follow from the answer, unless the customer
    named nobody.
    """
    rows = list(response.answers.filter(is_low=True).select_related("question"))
    low = [
        tickets.LowAnswer(row.question.code, row.normalised or tickets.NOTHING, row.weight, row.reason) for row in rows
    ]
    gravest = tickets.gravest(low)
    cause = next((row for row in rows if gravest and row.question.code == gravest.code), None)
    kind = response.version.questionnaire.kind
    category = category or category_of(response.store_id, gravest.code if gravest else "", kind)
    named = None if names_nobody else _named(response, cause, kind)
    return {
        "store_id": response.store_id,
        "source": Source.REVISIT,
        "words": tickets.words_of(low),
        "demand": demand,
        "category": category,
        "department": "" if category and category.department else _department(cause, kind),
        "customer": response.customer,
        "vehicle": response.vehicle,
        "origin": response,
        "accused": accused or named,
    }


def category_of(store_id: int, question_code: str, kind: str) -> Category | None:
    """The category that a low answer belongs to, as the store has it, else the company's."""
    rows = Category.objects.for_store(store_id).filter(code=tickets.category_code(question_code, kind))
    return max(rows, key=lambda row: row.store_id or 0, default=None)


def _department(cause: Answer | None, kind: str) -> str:
    return department_of(kind, cause.question.attribution) if cause else ""


def _named(response: Response, cause: Answer | None, kind: str) -> Employee | None:
    """The one employee whose work the gravest low answer judges; nobody where there are several or none."""
    if cause is None:
        return None
    occasion = occasion_of(kind, response.delivery, response.repair_order)
    found = occasion.employees(cause.question.attribution)
    return found[0] if len(found) == 1 else None
