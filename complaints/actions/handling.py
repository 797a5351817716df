"""The way through the stages: accept, contact, investigate, propose, tell, put right, hand over; and questions."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import people
from complaints.actions import demands, priority, ticket
from complaints.actions.closing import shut
from complaints.actions.steering import announce, check_handler, put_level
from complaints.models import Complaint, State
from crm_site.accounts.models import Employee
from crm_site.core.errors import RuleBroken
from crm_site.notices import actions as notices
from satisfaction.actions import create_measure


@transaction.atomic
def accept(
    complaint_id: int,
    *,
    handler: Employee,
    level_code: str = "",
    reason: str = "",
    by: Employee,
    now: datetime,
    version: int | None = None,
) -> Complaint:
    """Take the ticket into work: give it a handler and, where the proposed one is wrong, another level.

    Lowering the level needs a manager and a reason. Whoever is complained about cannot be the handler.
    """
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "accept", change, fields=["handler", "level"])
    check_handler(complaint, handler, change)
    fields = ["handler", "accepted_at"]
    if level_code and complaint.level and level_code != complaint.level.code:
        fields += put_level(complaint, level_code, reason, change)
    complaint.handler = handler
    complaint.accepted_at = complaint.accepted_at or now
    if handler.pk != by.pk:
        announce(complaint, handler)
    return ticket.finish(complaint, "accept", change, fields=fields, to=State.ACCEPTED, note=reason, handler=handler)


@transaction.atomic
def note_contact(
    complaint_id: int, *, note: str, reached: bool = True, by: Employee, now: datetime, version: int | None = None
) -> Complaint:
    """Log a contact with the customer; the first one reached, or the second try, is the first response."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "contact", change)
    text = ticket.written(note, 1000, field="note")
    tried = complaint.steps.filter(action="contact").exists()
    fields = []
    if complaint.responded_at is None and (reached or tried):
        complaint.responded_at, fields = now, ["responded_at"]
    fields += priority.called(complaint, change)
    return ticket.finish(complaint, "contact", change, fields=fields, note=text, reached=reached)


@transaction.atomic
def investigate(
    complaint_id: int, *, cause_class: str, cause: str, by: Employee, now: datetime, version: int | None = None
) -> Complaint:
    """Write down why it happened: the class and the cause in words."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "investigate", change, fields=["cause_class", "cause"])
    if not cause_class:
        raise RuleBroken(_("Choose a cause class; without it the complaint cannot be closed."), field="cause_class")
    complaint.cause_class = cause_class
    complaint.cause = ticket.written(cause, 1000, field="cause")
    fields = ["cause_class", "cause"]
    return ticket.finish(complaint, "investigate", change, fields=fields, to=State.INVESTIGATING, note=complaint.cause)


@transaction.atomic
def propose(
    complaint_id: int,
    *,
    solution: str,
    compensation: Decimal | None = None,
    claim_amount: Decimal | None = None,
    by: Employee,
    now: datetime,
    version: int | None = None,
) -> Complaint:
    """Write down what we offer; compensation above the limit waits for a manager's approval.

    `compensation` is what the dealer pays, `claim_amount` what the manufacturer or an insurer is asked for; both yuan.
    """
    change = ticket.Change(by, now, version)
    fields = ["solution", "compensation", "claim_amount", "approved_by", "customer_accepts"]
    complaint = ticket.begin(complaint_id, "propose", change, fields=fields)
    _check_money(compensation, "compensation")
    _check_money(claim_amount, "claim_amount")
    complaint.solution = ticket.written(solution, 1000, field="solution")
    complaint.compensation, complaint.claim_amount = compensation, claim_amount
    complaint.approved_by, complaint.customer_accepts = None, None
    if demands.is_unapproved(complaint):
        _ask_for_approval(complaint, change)
    return ticket.finish(
        complaint,
        "propose",
        change,
        fields=fields,
        to=State.PROPOSED,
        note=complaint.solution,
        compensation=compensation,
        claim_amount=claim_amount,
    )


@transaction.atomic
def approve(complaint_id: int, *, by: Employee, now: datetime, version: int | None = None) -> Complaint:
    """A manager agrees to a solution; never to their own."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "approve", change, fields=["solution", "compensation", "approved_by"])
    complaint.approved_by = by
    return ticket.finish(complaint, "approve", change, fields=["approved_by"], compensation=complaint.compensation)


@transaction.atomic
def tell_customer(
    complaint_id: int, *, accepts: bool, note: str = "", by: Employee, now: datetime, version: int | None = None
) -> Complaint:
    """The customer was told the proposal; who does not accept it sends the ticket back to the investigation."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "tell", change, fields=["solution", "compensation", "customer_accepts"])
    if demands.is_unapproved(complaint):
        text = _("This solution needs a manager's approval before the customer hears of it.")
        raise RuleBroken(text + ticket.instead(complaint, "approve", change.day), code="approval")
    text = ticket.written(note, 1000, field="note", required=not accepts)
    complaint.customer_accepts = accepts
    complaint.proposed_at = complaint.proposed_at or now
    complaint.responded_at = complaint.responded_at or now
    fields = ["customer_accepts", "proposed_at", "responded_at"]
    to = State.TOLD if accepts else State.INVESTIGATING
    return ticket.finish(complaint, "tell", change, fields=fields, to=to, note=text, accepts=accepts)


@transaction.atomic
def act(complaint_id: int, *, note: str, by: Employee, now: datetime, version: int | None = None) -> Complaint:
    """Write down what is being done to put it right."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "act", change)
    return ticket.finish(complaint, "act", change, to=State.ACTING, note=ticket.written(note, 1000, field="note"))


@transaction.atomic
def review(
    complaint_id: int,
    *,
    review_note: str,
    measure: str = "",
    responsible: Employee | None = None,
    due_on: date | None = None,
    submission: uuid.UUID,
    by: Employee,
    now: datetime,
    version: int | None = None,
) -> Complaint:
    """Look back: what we learn from it, and for L3 and L4 the measure that keeps it from happening again."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "review", change, fields=["review_note", "measure"])
    complaint.review_note = ticket.written(review_note, 1000, field="review_note")
    if measure.strip():
        if responsible is None or due_on is None:
            raise RuleBroken(_("A measure needs somebody responsible and a day by which it is done."), field="due_on")
        complaint.measure = create_measure(
            store_id=complaint.store_id,
            cause=complaint.cause[:500] or complaint.review_note[:500],
            measure=ticket.written(measure, 500, field="measure"),
            responsible=responsible,
            department=complaint.department,
            due_on=due_on,
            submission=submission,
            by=by,
            at=now,
            today=change.day,
            metric="complaints" if complaint.category else "",
            metric_code=complaint.category.code if complaint.category else "",
        )
    return ticket.finish(
        complaint,
        "review",
        change,
        fields=["review_note", "measure"],
        note=complaint.review_note,
        measure=complaint.measure,
    )


@transaction.atomic
def submit(complaint_id: int, *, note: str = "", by: Employee, now: datetime, version: int | None = None) -> Complaint:
    """Everything is done: hand over to the confirming call. Refuses while something is missing that closing needs."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "submit", change)
    demands.check(complaint, change.day)
    text = ticket.written(note, 1000, field="note", required=False)
    complaint.round += 1
    complaint.solved_at = now
    fields = ["round", "solved_at"]
    return ticket.finish(
        complaint, "submit", change, fields=fields, to=State.CONFIRMING, note=text, round=complaint.round
    )


@transaction.atomic
def answer(complaint_id: int, *, solution: str, by: Employee, now: datetime, version: int | None = None) -> Complaint:
    """Answer a question that was handed on: the customer was called back, and it is closed."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "answer", change, fields=["solution"])
    complaint.solution = ticket.written(solution, 1000, field="solution")
    complaint.responded_at = complaint.responded_at or now
    fields = ["solution", "responded_at", *shut(complaint, change)]
    return ticket.finish(complaint, "answer", change, fields=fields, to=State.CLOSED, note=complaint.solution)


def _ask_for_approval(complaint: Complaint, change: ticket.Change) -> None:
    """Tell whoever can approve that a solution waits for them."""
    for employee in people.who_can(complaint, "approve", change.day):
        if employee.user is not None:
            notices.tell(
                employee.user, "complaint.to_approve", {"number": complaint.number}, url=f"/complaints/{complaint.pk}/"
            )


def _check_money(yuan: Decimal | None, field: str) -> None:
    if yuan is not None and yuan < 0:
        raise RuleBroken(_("An amount is zero or more yuan."), field=field)
