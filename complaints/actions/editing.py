"""Corrects the facts of a ticket: only what changed is written, each with its old and new value in the log."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import models, transaction
from django.utils.translation import gettext as _

from complaints import people
from complaints.actions import priority, ticket
from complaints.actions.liability import propose_from_category
from complaints.actions.opening import weigh
from complaints.actions.steering import keep_clear, put_level
from complaints.models import Category, ClockEntry, Complaint, State
from complaints.rules import clock, levels
from crm_site.accounts.models import Department, Employee, Role
from crm_site.audit import trail
from crm_site.core.clock import business_day
from crm_site.core.errors import RuleBroken
from crm_site.worktime import calendars
from customers.models import Customer, Delivery, RepairOrder, Vehicle

#: free text: the trail names these fields only, the ticket's log keeps their values
TEXTS = {"words": 4000, "demand": 500, "brand": 40, "series": 60, "external_number": 40}
#: what may still be completed when the ticket is closed
WHEN_CLOSED = frozenset({"external_number", "external_due_at", "external_replied_at"})
#: on these hangs how grave it is, and whether it repeats an earlier complaint
WEIGHED = frozenset({"category", "customer", "vehicle", "received_at", "words", "demand"})


class Facts(TypedDict, total=False):
    """What may be corrected; what is not given stays as it is."""

    category: Category | None
    department: str
    customer: Customer | None
    vehicle: Vehicle | None
    delivery: Delivery | None
    repair_order: RepairOrder | None
    words: str
    demand: str
    accused: Employee | None
    brand: str
    series: str
    external_number: str
    external_due_at: datetime | None
    external_replied_at: datetime | None
    received_at: datetime


@transaction.atomic
def edit(
    complaint_id: int,
    *,
    reason: str = "",
    by: Employee,
    now: datetime,
    version: int | None = None,
    **facts: Unpack[Facts],
) -> Complaint:
    """Correct facts of a ticket; gives it unchanged where nothing differs.

    Refuses facts of another store, an accused who handles it, a receipt that has not come yet, and, once it is closed,
    everything but what an authority or the manufacturer noted. A later receipt moves deadlines: only a manager, with a
    reason. A changed category proposes the liable anew unless somebody has confirmed them.
    """
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "edit", change, fields=list(facts))
    wanted = {name: _clean(name, value) for name, value in facts.items()}
    changes = {name: (getattr(complaint, name), value) for name, value in wanted.items()}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    if not changes:
        return complaint
    text = ticket.written(reason, 200, field="reason", required=bool(changes.keys() & {"received_at", "words"}))
    _check(complaint, changes, change)
    before = weigh(complaint) if changes.keys() & WEIGHED and complaint.level is not None else None
    for name, (_old, new) in changes.items():
        setattr(complaint, name, new)
    touched = _follow(complaint, changes, change, text)
    touched += _weigh_anew(complaint, before, change) if before else []
    # the corrected facts may name the handler as the one it is about, or tell whose complaint it is
    touched += [*keep_clear(complaint, change), *(priority.flag(complaint, change) if complaint.is_open else [])]
    fields = [*changes, *touched]
    public = {name: pair if name not in TEXTS else None for name, pair in changes.items()}
    private = {"changes": {name: trail.plain(pair) for name, pair in changes.items()}}
    touches = ["liability"] if "category" in changes else []
    return ticket.finish(
        complaint, "edit", change, fields=fields, touches=touches, note=text, private=private, changes=public
    )


def _clean(name: str, value: Any) -> Any:
    if name in TEXTS:
        return ticket.written(value, TEXTS[name], field=name, required=name == "words")
    if name == "department" and value and value not in Department.values:
        raise RuleBroken(_("Choose one of the departments."), field="department")
    return value


def _check(complaint: Complaint, changes: dict[str, tuple[Any, Any]], change: ticket.Change) -> None:
    if complaint.state == State.CLOSED and not changes.keys() <= WHEN_CLOSED:
        text = _("The complaint is closed: only the number, deadline and reply from outside can still be entered.")
        raise RuleBroken(text, code="state", field=next(iter(changes.keys() - WHEN_CLOSED)))
    for name, (_before, after) in changes.items():
        store_id = getattr(after, "store_id", None) if isinstance(after, models.Model) else None
        if store_id not in (None, complaint.store_id):
            raise RuleBroken(_("This belongs to another store. Choose one of this store."), code="store", field=name)
    own = change.by.pk in people.served_ids(complaint) if change.by else False
    if own and changes.keys() & {"delivery", "repair_order"}:
        text = _("You served this job; somebody else corrects which job the complaint is about.")
        raise RuleBroken(text, code="conflict", field="job")
    if "received_at" in changes:
        _check_received(complaint, *changes["received_at"], change)
    replied = changes.get("external_replied_at", (None, None))[1]
    if replied is not None and replied > change.now:
        raise RuleBroken(_("This moment has not come yet."), code="future", field="external_replied_at")


def _check_received(complaint: Complaint, before: datetime, after: datetime, change: ticket.Change) -> None:
    if after > change.now:
        text = _("This moment has not come yet. Enter when the first of us heard of it.")
        raise RuleBroken(text, code="future", field="received_at")
    first = min((at for at in (complaint.responded_at, complaint.proposed_at) if at), default=None)
    if first is not None and after > first:
        text = _("The customer was contacted before this moment; the first of us heard of it earlier.")
        raise RuleBroken(text, code="late", field="received_at")
    if after > before and people.actor(complaint, change.by, change.day).role != Role.MANAGER:
        names = [one.name for one in people.in_role(complaint.store_id, Role.MANAGER, change.day)]
        text = _("Only a customer relations manager moves the receipt to a later moment. Possible: %(names)s.")
        raise RuleBroken(text % {"names": _(", ").join(names) or "–"}, code="role", field="received_at")


def _follow(complaint: Complaint, changes: dict[str, tuple[Any, Any]], change: ticket.Change, reason: str) -> list[str]:
    """What follows from the corrected facts; gives the names of the further fields to save."""
    touched: list[str] = []
    if "received_at" in changes:
        complaint.received_on = business_day(complaint.received_at)
        complaint.legal_due_on = clock.legal_date(complaint.received_on, calendars.legal_calendar())
        touched = ["received_on", "legal_due_on"]
        touched += ticket.turn_clock(
            complaint, ClockEntry.Kind.RECEIVED, change, at=complaint.received_at, reason=reason
        )
    if "category" in changes:
        _propose_anew(complaint)
        if "department" not in changes and complaint.category is not None and complaint.handler_id is None:
            complaint.department = complaint.category.department or complaint.department
            touched.append("department")
    return touched


def _weigh_anew(complaint: Complaint, before: levels.Proposal, change: ticket.Change) -> list[str]:
    """What the correction adds to the ground for a level: raised at once as at intake, else proposed or asked.

    What somebody has decided about the same ground, such as a manager who lowered the level, stays decided.
    """
    proposal, code = weigh(complaint), complaint.level.code if complaint.level else ""
    fields = ["repeat_of", "proposed_level", "proposed_because", "grave_words", "grave_answered_at"]
    if proposal.adds_to(before):
        if levels.binding(proposal) and levels.is_lowering(proposal.code, code):
            fields += put_level(complaint, proposal.code, "", change)
            code = proposal.code
        complaint.proposed_level, complaint.proposed_because = levels.left_open(proposal, code)
    if code != levels.GRAVEST and set(proposal.asks) - {*before.asks, *complaint.grave_words.split(",")}:
        complaint.grave_words, complaint.grave_answered_at = ",".join(proposal.asks)[:200], None
    return fields


def _propose_anew(complaint: Complaint) -> None:
    """Propose the liable by the new category, unless the head has confirmed somebody."""
    if complaint.liabilities.filter(confirmed_at__isnull=False).exists():
        return
    complaint.liabilities.all().delete()
    propose_from_category(complaint)
