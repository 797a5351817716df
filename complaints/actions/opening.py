"""Opens a ticket: number, level, clock, proposed liability, and whether it is a repetition."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from complaints import settings
from complaints.actions import priority, ticket
from complaints.actions.liability import propose_from_category
from complaints.models import Category, ClockEntry, Complaint, Kind, State, Validity
from complaints.rules import clock, levels
from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.clock import business_day
from crm_site.core.errors import RuleBroken
from crm_site.worktime import calendars
from customers.models import Customer, Delivery, RepairOrder, Vehicle
from satisfaction.models import Response

PREFIXES = {Kind.COMPLAINT: "TS", Kind.GRIEVANCE: "BY", Kind.QUESTION: "ZX"}


class About(TypedDict, total=False):
    """What a ticket points to; everything may be missing, and all of it belongs to the ticket's store."""

    category: Category | None
    customer: Customer | None
    vehicle: Vehicle | None
    delivery: Delivery | None
    repair_order: RepairOrder | None
    #: the answers in which it was found
    origin: Response | None
    #: 当事人, as named by the customer
    accused: Employee | None
    #: of somebody who is not in the archive
    customer_name: str
    customer_phone: str
    plate_no: str
    brand: str
    series: str


@transaction.atomic
def open_ticket(
    *,
    store_id: int,
    kind: str,
    source: str,
    words: str,
    reported_by: Employee,
    received_at: datetime,
    now: datetime,
    submission: uuid.UUID,
    level_code: str = "",
    department: str = "",
    demand: str = "",
    external_number: str = "",
    external_due_at: datetime | None = None,
    **about: Unpack[About],
) -> Complaint:
    """Open a ticket and start its clock; the same submission a second time gives the ticket it made.

    Without a level the words propose one; grave words and the third ticket on the matter raise it (domain 6.2).
    A grievance above L1 is a complaint. Refuses a moment of receipt that has not come yet, and empty words.
    """
    # Numbers and repetitions are counted store by store: one opening at a time. NO KEY leaves inserts of others alone.
    Store.objects.select_for_update(no_key=True).get(pk=store_id)
    made = Complaint.objects.filter(store_id=store_id, submission=submission).first()
    if made is not None:
        return made
    _check_received(received_at, now)
    complaint = Complaint(
        store_id=store_id,
        kind=kind,
        source=source,
        words=ticket.written(words, 4000, field="words"),
        demand=ticket.written(demand, 500, field="demand", required=False),
        reported_by=reported_by,
        received_at=received_at,
        submission=submission,
        department=department,
        external_number=external_number.strip(),
        external_due_at=external_due_at,
        **about,
    )
    return _start(complaint, level_code, ticket.Change(reported_by, now))


def _start(complaint: Complaint, level_code: str, change: ticket.Change) -> Complaint:
    """Grade and number a new ticket, write it with its first step, and start its clock."""
    _check_store(complaint)
    complaint.received_on = business_day(complaint.received_at)
    complaint.department = complaint.department or (complaint.category.department if complaint.category else "")
    proposal = grade(complaint, level_code)
    complaint.number = _next_number(complaint)
    complaint.legal_due_on = clock.legal_date(complaint.received_on, calendars.legal_calendar())
    complaint.save(force_insert=True)
    due = ticket.turn_clock(complaint, ClockEntry.Kind.START, change, at=complaint.received_at)
    ticket.set_ruling_deadline(complaint)
    complaint.save(update_fields=[*due, "due_at"])
    level = complaint.level.code if complaint.level else ""
    detail = {"level": level, "why": proposal.reason, "asks": list(proposal.asks), "fields": []}
    ticket.add_step(complaint, "open", change, from_state="", note="", detail=detail)
    propose_from_category(complaint)
    named = priority.flag(complaint, change)
    if named:
        complaint.save(update_fields=named)
    trail.record(change.by, "complaint.opened", complaint, kind=complaint.kind, source=complaint.source, level=level)
    return complaint


def grade(complaint: Complaint, level_code: str) -> levels.Proposal:
    """Set level and kind, the ticket that this one repeats, and what is left for somebody to decide."""
    if complaint.kind == Kind.QUESTION:
        return levels.Proposal("", "question")
    grievance, proposal = complaint.kind == Kind.GRIEVANCE, weigh(complaint)
    code = level_code or proposal.code
    if levels.binding(proposal):
        code = levels.higher(code, proposal.code)
    complaint.level = ticket.level_of(complaint.store_id, code)
    complaint.proposed_level, complaint.proposed_because = levels.left_open(proposal, code)
    complaint.grave_words = ",".join(proposal.asks)[:200] if code != "L4" else ""
    if grievance and complaint.level.rank > 1:
        complaint.kind = Kind.COMPLAINT
    return proposal


def weigh(complaint: Complaint) -> levels.Proposal:
    """Set the ticket that this one repeats, and give the level that its words, source and repetitions propose."""
    rules = settings.of(complaint.store_id)
    earlier = list(earlier_on_the_matter(complaint, rules.repeat_days))
    complaint.repeat_of = earlier[0] if earlier else None
    return levels.propose(
        f"{complaint.words}\n{complaint.demand}",
        grievance=complaint.kind == Kind.GRIEVANCE,
        earlier=len(earlier),
        source=complaint.source,
        phrases=settings.phrases(complaint.store_id),
        repeats=levels.Repeats(rules.repeats_propose, rules.repeats_raise),
    )


def earlier_on_the_matter(complaint: Complaint, days: int | None = None) -> Any:
    """Valid complaints of the store's repeat days about the same car (else customer) and top category, newest first."""
    rows = Complaint.objects.filter(store_id=complaint.store_id, kind=Kind.COMPLAINT).exclude(state=State.MERGED)
    rows = rows.exclude(validity=Validity.INVALID).exclude(pk=complaint.pk)
    days = settings.of(complaint.store_id).repeat_days if days is None else days
    rows = rows.filter(
        received_at__gte=complaint.received_at - timedelta(days=days), received_at__lte=complaint.received_at
    )
    if complaint.category is None or (complaint.vehicle_id is None and complaint.customer_id is None):
        return rows.none()
    top = complaint.category.parent.code if complaint.category.parent else complaint.category.code
    # by code: a store's own row of a category and the company's are the same matter
    rows = rows.filter(Q(category__code=top) | Q(category__parent__code=top))
    if complaint.vehicle_id:
        return rows.filter(vehicle_id=complaint.vehicle_id).order_by("-received_at", "-pk")
    return rows.filter(vehicle=None, customer=complaint.customer).order_by("-received_at", "-pk")


def _next_number(complaint: Complaint) -> str:
    """TS-261118-007: kind, day of receipt, and the next of that day; the caller holds the store's lock.

    The next behind the last, not behind how many there are: an import may have brought some of the day's numbers.
    """
    prefix = f"{PREFIXES[Kind(complaint.kind)]}-{complaint.received_on:%y%m%d}-"
    rows = Complaint.objects.filter(store_id=complaint.store_id, number__startswith=prefix)
    taken = [number.removeprefix(prefix) for number in rows.values_list("number", flat=True)]
    last = max((int(one) for one in taken if one.isdecimal()), default=0)
    return f"{prefix}{last + 1:03d}"


def _check_received(received_at: datetime, now: datetime) -> None:
    if received_at > now:
        raise RuleBroken(
            _("This moment has not come yet. Enter when the first of us heard of it."),
            code="future",
            field="received_at",
        )


def _check_store(complaint: Complaint) -> None:
    """Everything a ticket points to belongs to its own store; a form's choices see to it, this is the last door."""
    parts = (complaint.customer, complaint.vehicle, complaint.delivery, complaint.repair_order, complaint.accused)
    for part in (*parts, complaint.origin, complaint.reported_by):
        if part is not None and part.store_id != complaint.store_id:
            raise RuleBroken(_("This belongs to another store. Choose one of this store."), code="store")
