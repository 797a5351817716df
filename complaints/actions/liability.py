"""Who answers for a complaint: proposed by its category from the job, set by the handler, confirmed by the head."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.actions import ticket
from complaints.actions.steering import keep_clear
from complaints.models import Complaint, Kind, Liability
from crm_site.accounts.models import Employee, EmployeeQuerySet, Post
from crm_site.core.errors import RuleBroken
from customers.models import Trade

#: 手续/保险 → that clerk, where the store has one; with none or several it is the department's
CLERK = Post.INSURANCE_CLERK
DIRECT, JOINT = Liability.Kind.DIRECT, Liability.Kind.JOINT
Party = Liability.Party

_PARTIES = {"department": Party.DEPARTMENT, CLERK: Party.DEPARTMENT, "manufacturer": Party.MANUFACTURER}
_TRADES = {"tech_body": Trade.BODY, "tech_paint": Trade.PAINT, "tech_mechanical": Trade.MECHANICAL}


class Named(NamedTuple):
    """Who is to answer: a party, the employee where it is one, and the jointly liable."""

    party: str
    employee: Employee | None
    joint: tuple[Employee, ...]
    #: who takes the ticket over, where its handler is the one named
    handler: Employee | None = None

    @property
    def everybody(self) -> list[Employee]:
        """Every employee named."""
        return [*([self.employee] if self.employee else []), *self.joint]


@transaction.atomic
def set_liability(
    complaint_id: int,
    *,
    party: str,
    employee: Employee | None = None,
    joint: Collection[Employee] = (),
    handler: Employee | None = None,
    by: Employee,
    now: datetime,
    version: int | None = None,
) -> Complaint:
    """Name who is directly liable (an employee, or a party that is none) and who jointly; the head confirms it.

    Where that is the present handler, `handler` takes the ticket over in the same step.
    """
    named = Named(party, employee, tuple(joint), handler)
    return _name(complaint_id, "set_liability", named, ticket.Change(by, now, version))


@transaction.atomic
def confirm_liability(
    complaint_id: int,
    *,
    party: str,
    employee: Employee | None = None,
    joint: Collection[Employee] = (),
    handler: Employee | None = None,
    by: Employee,
    now: datetime,
    version: int | None = None,
) -> Complaint:
    """Name the liable and confirm them: the head of the department or the manager; `handler` as in set_liability."""
    named = Named(party, employee, tuple(joint), handler)
    return _name(complaint_id, "confirm_liability", named, ticket.Change(by, now, version))


@transaction.atomic
def appeal_liability(
    complaint_id: int,
    *,
    instead_of: Employee,
    party: str,
    employee: Employee | None = None,
    why: str,
    by: Employee,
    now: datetime,
) -> Complaint:
    """Carry out an accepted appeal: another employee or party answers in somebody's stead; the others stay, confirmed.

    Where that somebody was jointly liable they are merely left out, or `employee` takes their place.
    """
    locked = Complaint.objects.select_for_update().get(pk=complaint_id)
    rows = list(locked.liabilities.select_related("employee").order_by("pk"))
    answering = {one.employee_id for one in rows if one.employee_id}
    if answering and instead_of.pk not in answering:
        raise RuleBroken(_("%(name)s no longer answers for this complaint.") % {"name": instead_of.name}, code="absent")
    direct = next((one for one in rows if one.kind == DIRECT), None)
    joint = [one.employee for one in rows if one.kind == JOINT and one.employee and one.employee != instead_of]
    if direct is not None and direct.employee != instead_of:
        joint += [employee] if employee is not None and employee not in joint else []
        named = Named(direct.party, direct.employee, tuple(joint))
    else:
        named = Named(party, employee, tuple(one for one in joint if one != employee))
    return _name(complaint_id, "appeal", named, ticket.Change(by, now), note=why)


def propose_from_category(complaint: Complaint) -> None:
    """Propose the directly liable by the category's rule, from the ticket's delivery or repair order (domain 6.2)."""
    if complaint.kind == Kind.QUESTION or complaint.category is None:
        return
    code = complaint.category.proposed_liable
    employee = _served_as(complaint, code)
    if code in _PARTIES and employee is None:
        _write(complaint, DIRECT, _PARTIES[code], None)
        return
    if employee is not None:
        _write(complaint, DIRECT, Party.EMPLOYEE, employee)
    inspector = complaint.repair_order.final_inspector if complaint.repair_order else None
    if code.startswith("tech") and inspector is not None and inspector != employee:
        _write(complaint, JOINT, Party.EMPLOYEE, inspector)


def _name(complaint_id: int, action: str, named: Named, change: ticket.Change, note: str = "") -> Complaint:
    taken = ["handler"] if named.handler else []
    complaint = ticket.begin(complaint_id, action, change, fields=["liability", *taken])
    _check(complaint, named)
    if action == "set_liability":
        _check_unconfirmed(complaint, change)
    before = _as_detail(complaint)
    complaint.liabilities.all().delete()
    confirmed = change if action in {"confirm_liability", "appeal"} else None
    _write(complaint, DIRECT, named.party, named.employee, confirmed)
    for one in named.joint:
        _write(complaint, JOINT, Party.EMPLOYEE, one, confirmed)
    fields = keep_clear(complaint, change, handler=named.handler)
    liability = (before, _as_detail(complaint))
    return ticket.finish(
        complaint, action, change, fields=fields, touches=["liability"], note=note, liability=liability
    )


def _check(complaint: Complaint, named: Named) -> None:
    employee = named.employee
    if named.party not in Party.values or (named.party == Party.EMPLOYEE) != (employee is not None):
        raise RuleBroken(_("Choose the employee, or a party that is no single employee."), field="employee")
    if any(one.store_id != complaint.store_id for one in named.everybody):
        raise RuleBroken(_("This belongs to another store. Choose one of this store."), code="store")
    if employee in named.joint:
        raise RuleBroken(_("Somebody is liable directly or jointly, not both."), field="joint")


def _check_unconfirmed(complaint: Complaint, change: ticket.Change) -> None:
    """Refuse to put a proposal in the place of what the head or manager has confirmed: figures and pay rest on it."""
    if complaint.liabilities.filter(confirmed_at__isnull=False).exists():
        text = _("Who is liable is confirmed already; to change it, confirm somebody else.")
        text += ticket.instead(complaint, "confirm_liability", change.day)
        raise RuleBroken(text, code="confirmed", field="direct")


def _write(
    complaint: Complaint, kind: str, party: str, employee: Employee | None, confirmed: ticket.Change | None = None
) -> None:
    Liability.objects.create(
        store_id=complaint.store_id,
        complaint=complaint,
        kind=kind,
        party=party,
        employee=employee,
        post=post_of(complaint, employee) if employee else "",
        confirmed_at=confirmed.now if confirmed else None,
        confirmed_by=confirmed.by if confirmed else None,
    )


def post_of(complaint: Complaint, employee: Employee) -> str:
    """The post that somebody held when it happened; '' where none is known.

    That is the day of receipt; of who had left by then the day of the job, else the last post that they held before.
    """
    order, delivery = complaint.repair_order, complaint.delivery
    jobs = (order.released_on or order.checked_in_on if order else None, delivery.delivered_on if delivery else None)
    for day in (complaint.received_on, *filter(None, jobs)):
        posting = employee.posting_on(day)
        if posting is not None:
            return posting.post
    before = [one for one in employee.postings.all() if one.since <= complaint.received_on]
    return max(before, key=lambda one: one.since).post if before else ""


def _served_as(complaint: Complaint, code: str) -> Employee | None:
    """The employee who served the job in the part that a category points at; None where the job does not say."""
    delivery, order = complaint.delivery, complaint.repair_order
    if code == CLERK:
        clerks = list(_clerks(complaint)[:2])
        return clerks[0] if len(clerks) == 1 else None
    if code == "delivery_specialist" and delivery:
        return delivery.delivery_specialist or delivery.sales_consultant
    if code == "sales_consultant" and delivery:
        return delivery.sales_consultant
    if code == "service_advisor" and order:
        return order.service_advisor
    if code.startswith("tech") and order:
        leads = [work for work in order.technicians.select_related("technician") if work.is_lead and work.technician]
        wanted = [work for work in leads if code not in _TRADES or work.trade == _TRADES[code]]
        return wanted[0].technician if wanted else None
    return None


def _clerks(complaint: Complaint) -> EmployeeQuerySet:
    day = complaint.received_on
    return Employee.objects.filter(store_id=complaint.store_id).employed_on(day).in_post([CLERK], day)


def _as_detail(complaint: Complaint) -> list[list[object]]:
    rows = complaint.liabilities.order_by("kind", "pk").values_list("kind", "party", "employee_id")
    return [list(row) for row in rows]
