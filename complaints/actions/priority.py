"""A gold or A customer who complains again: a named person calls at once, at any hour (issue: customers of weight)."""

from __future__ import annotations

from datetime import timedelta

from complaints import people, settings
from complaints.actions import ticket
from complaints.models import Complaint, Kind, State, Validity
from crm_site.accounts.models import Employee, Role
from crm_site.notices import actions as notices
from customers.models import ValueClass

WEIGHTY = (ValueClass.GOLD, ValueClass.A)
#: complaints of so many days count
SPAN = timedelta(days=365)


def complaints_of(complaint: Complaint) -> int:
    """How many valid complaints this one's customer has made in the twelve months up to it, it included."""
    until = complaint.received_at
    rows = Complaint.objects.filter(store_id=complaint.store_id, customer=complaint.customer)
    rows = rows.filter(kind=Kind.COMPLAINT, received_at__gt=until - SPAN, received_at__lte=until)
    return rows.exclude(state=State.MERGED).exclude(validity=Validity.INVALID).exclude(pk=complaint.pk).count() + 1


def flag(complaint: Complaint, change: ticket.Change) -> list[str]:
    """Name who calls at once, where the customer is one of weight and complains again; gives the fields to save.

    Called on a stored ticket when it is opened, or its customer or kind becomes known; a call that was made stands.
    """
    customer = complaint.customer
    if complaint.priority_caller_id is not None or customer is None or customer.value_class not in WEIGHTY:
        return []
    enough = settings.of(complaint.store_id).priority_complaints
    if complaint.kind != Kind.COMPLAINT or complaints_of(complaint) < enough:
        return []
    return _name(complaint, change)


def keep_clear(complaint: Complaint, change: ticket.Change) -> list[str]:
    """Name somebody else where the complaint turned out to be about the one who was to call."""
    waits = complaint.priority_caller_id is not None and complaint.priority_called_at is None
    if not waits or complaint.priority_caller_id not in people.involved(complaint).blocked:
        return []
    return _name(complaint, change)


def called(complaint: Complaint, change: ticket.Change) -> list[str]:
    """Note that the named person has called; a contact of somebody else does not count."""
    if complaint.priority_called_at is not None or change.by is None or change.by.pk != complaint.priority_caller_id:
        return []
    complaint.priority_called_at = change.now
    return ["priority_called_at"]


def _name(complaint: Complaint, change: ticket.Change) -> list[str]:
    """Put the person of the settings on the ticket, else the first manager who is not involved, and tell them."""
    complaint.priority_caller = _caller(complaint, change)
    for employee in [complaint.priority_caller] if complaint.priority_caller else _managers(complaint, change):
        if employee is not None and employee.user is not None:
            notices.tell(
                employee.user,
                "complaint.priority",
                {"number": complaint.number},
                url=f"/complaints/{complaint.pk}/go/",
                kind="bad",
                key=f"complaint:{complaint.pk}:priority",
            )
    return ["priority_caller"]


def _caller(complaint: Complaint, change: ticket.Change) -> Employee | None:
    """Who may be named: can sign in, sees the ticket, is not the one it is about."""
    blocked = people.involved(complaint).blocked
    wanted = settings.of(complaint.store_id).priority_caller
    if wanted is not None and wanted.pk not in blocked:
        able = people.members(complaint.store_id, people.HANDLING_ROLES, change.day).filter(pk=wanted.pk).first()
        if able is not None and Complaint.objects.visible_to(able.user).filter(pk=complaint.pk).exists():
            return able
    return next((one for one in _managers(complaint, change) if one.pk not in blocked), None)


def _managers(complaint: Complaint, change: ticket.Change) -> list[Employee]:
    return list(people.in_role(complaint.store_id, Role.MANAGER, change.day).order_by("number"))
