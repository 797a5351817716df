"""The three taps of whoever handles a ticket on a phone; each is ordinary steps in one go, all of them or none."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import people
from complaints.actions import handling
from complaints.actions.liability import set_liability
from complaints.models import Complaint, Kind, Liability, State
from complaints.rules.transitions import BEFORE_ACCEPTANCE
from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers.actions import reveals
from customers.rules import looks


@transaction.atomic
def first_contact(
    complaint_id: int, *, note: str, reached: bool, by: Employee, now: datetime, version: int | None = None
) -> Complaint:
    """Accept the ticket where nobody has yet, and log the contact with the customer; the same page again, once."""
    complaint = Complaint.objects.select_for_update().get(pk=complaint_id)
    same = complaint.steps.filter(action="contact", by=by, note=note.strip(), detail__reached=reached)
    if version is not None and same.filter(sequence__gt=version).exists():
        return complaint
    version = _accepted(complaint_id, by, now, version)
    return handling.note_contact(complaint_id, note=note, reached=reached, by=by, now=now, version=version)


@transaction.atomic
def proposal(
    complaint_id: int,
    *,
    cause_class: str,
    cause: str,
    solution: str,
    compensation: Decimal | None,
    accepts: bool | None,
    by: Employee,
    now: datetime,
    version: int | None = None,
) -> Complaint:
    """Write down cause and solution, and what the customer said to it (None: not told yet).

    Where a manager has to approve, the customer cannot have been told: refused with the reason.
    """
    version = _accepted(complaint_id, by, now, version)
    handling.investigate(complaint_id, cause_class=cause_class, cause=cause, by=by, now=now, version=version)
    complaint = handling.propose(complaint_id, solution=solution, compensation=compensation, by=by, now=now)
    if accepts is None:
        return complaint
    return handling.tell_customer(complaint_id, accepts=accepts, by=by, now=now)


@transaction.atomic
def done(
    complaint_id: int,
    *,
    note: str,
    party: str = "",
    employee: Employee | None = None,
    by: Employee,
    now: datetime,
    version: int | None = None,
) -> Complaint:
    """Everything is done: the customer has accepted, what was done is written down, the confirming call follows.

    A question ends with its answer. `party` says who is directly liable where nobody is named yet.
    """
    complaint = Complaint.objects.select_for_update().get(pk=complaint_id)
    if complaint.kind == Kind.QUESTION:
        return handling.answer(complaint_id, solution=note, by=by, now=now, version=version)
    if complaint.state == State.PROPOSED:
        handling.tell_customer(complaint_id, accepts=True, by=by, now=now, version=version)
        version = None
    if party and not complaint.liabilities.filter(kind=Liability.Kind.DIRECT).exists():
        set_liability(complaint_id, party=party, employee=employee, joint=[], by=by, now=now, version=version)
        version = None
    if complaint.state in {State.PROPOSED, State.TOLD}:
        handling.act(complaint_id, note=note, by=by, now=now, version=version)
        version = None
    return handling.submit(complaint_id, by=by, now=now, version=version)


@transaction.atomic
def number_of(complaint: Complaint, *, by: Employee, now: datetime) -> str:
    """The customer's number in full, to be dialled; the look is written down. Empty where none is known.

    Whoever has the ticket in hand looks outside the daily cap, as with a claimed call; anybody else within it. Refuses
    the number of a restricted card: it is stored, not called.
    """
    customer = complaint.customer
    if customer is not None and customer.restricted:
        raise RuleBroken(_("Restricted: nobody is called."), code="restricted")
    today = clock.business_day(now)
    phone = people.number_to_dial(customer, today)
    if phone is not None and complaint.handler_id == by.pk:
        return reveals.reveal_for_ticket(phone, by=by, now=now, today=today)
    if phone is not None:
        return reveals.reveal(phone.customer_id, phone.fact, reason=looks.HANDLE, by=by, now=now, today=today)
    if complaint.customer_phone:
        trail.record(by, "complaint.phone_revealed", complaint)
    return complaint.customer_phone


@transaction.atomic
def show_vin(complaint: Complaint, *, by: Employee, now: datetime) -> None:
    """Write down that somebody has the whole VIN shown in the manufacturer's text: on the card, else on the ticket."""
    if complaint.customer and complaint.vehicle_id:
        reveals.note_vin(complaint.customer, complaint.vehicle_id, by=by, now=now, today=clock.business_day(now))
    else:
        trail.record(by, "complaint.vin_revealed", complaint)


def _accepted(complaint_id: int, by: Employee, now: datetime, version: int | None) -> int | None:
    """Take a ticket into work that nobody has yet; gives the version for the next step (None: it is ours now)."""
    complaint = Complaint.objects.select_for_update().get(pk=complaint_id)
    if complaint.state not in BEFORE_ACCEPTANCE:
        return version
    handler = complaint.handler or by
    handling.accept(complaint_id, handler=handler, by=by, now=now, version=version)
    return None
