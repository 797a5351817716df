"""Who is involved in a ticket, who is barred from deciding about it, and who can act instead."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import F, Q, QuerySet

from complaints.models import Complaint, Kind, Level, Liability
from complaints.rules import conflict
from complaints.rules.transitions import NEXT, Actor, Who
from crm_site.accounts.models import Employee, Posting, Role
from customers.models import Customer, Phone

SMALL_LEVEL = "L1"
#: the roles of those who may be given a ticket
HANDLING_ROLES = (Role.SPECIALIST, Role.HEAD, Role.MANAGER)

_ROLE_OF = {
    Who.SPECIALIST: Role.SPECIALIST,
    Who.FRONTLINE: Role.FRONTLINE,
    Who.HEAD: Role.HEAD,
    Who.MANAGER: Role.MANAGER,
    Who.DIRECTOR: Role.DIRECTOR,
}


def is_small(complaint: Complaint) -> bool:
    """Whether a specialist settles it: a grievance (L1) or a question."""
    return complaint.kind == Kind.QUESTION or bool(complaint.level and complaint.level.code == SMALL_LEVEL)


def actor(complaint: Complaint, by: Employee | None, day: date) -> Actor:
    """The part in which an employee meets a ticket on a day; None is the system itself."""
    if by is None:
        return Actor("system")
    role = by.user.role_in(complaint.store_id) if by.user_id and by.store_id == complaint.store_id else ""
    return Actor(
        role,
        is_handler=by.pk == complaint.handler_id,
        is_caller=by.pk == complaint.priority_caller_id,
        in_department=role == Role.HEAD and _posted(by, complaint.department, day),
        small=is_small(complaint),
    )


def served_ids(complaint: Complaint) -> set[int]:
    """The employees who served the job that the ticket is about."""
    served: set[int | None] = set()
    if complaint.delivery is not None:
        served |= {complaint.delivery.sales_consultant_id, complaint.delivery.delivery_specialist_id}
    order = complaint.repair_order
    if order is not None:
        served |= {order.service_advisor_id, order.final_inspector_id}
        served |= {work.technician_id for work in order.technicians.all()}
    return {pk for pk in served if pk is not None}


def involved(complaint: Complaint) -> conflict.Involved:
    """Everybody who has a part in the matter; what was merged into the ticket is the same matter and brings its own."""
    merged = list(complaint.merged.values_list("pk", "accused_id")) if complaint.pk else []
    tickets = [complaint.pk, *(pk for pk, _accused in merged)]
    named = Liability.objects.filter(complaint__in=tickets, employee__isnull=False).order_by()
    by_kind: dict[str, set[int]] = {kind: set() for kind in Liability.Kind.values}
    for kind, employee_id in named.values_list("kind", "employee_id"):
        by_kind[kind].add(employee_id)
    accused = {complaint.accused_id, *(employee_id for _pk, employee_id in merged)}
    return conflict.Involved(
        accused={pk for pk in accused if pk is not None},
        liable=by_kind[Liability.Kind.DIRECT],
        joint=by_kind[Liability.Kind.JOINT],
        served=served_ids(complaint),
    )


def took_before(complaint: Complaint, action: str) -> dict[int, str]:
    """{employee: step}: who made the present solution or handed it over, where the action needs somebody else."""
    wanted = conflict.NOT_AFTER.get(action, ())
    if not wanted:
        return {}
    steps = complaint.steps.filter(action__in=wanted, by__isnull=False).order_by("-sequence")
    taken = list(steps.values_list("action", "by"))
    present = next((by for step, by in taken if step == "propose"), None)
    return {by: step for step, by in taken if step != "propose" or by == present}


def liable_ids(complaint: Complaint) -> set[int]:
    """The employees named as directly liable, proposed or confirmed."""
    return set(involved(complaint).liable)


def involvement(complaint: Complaint, employee: Employee) -> conflict.Conflict:
    """How an employee is involved in the matter of a ticket."""
    return involved(complaint).of(employee.pk)


def handlers(complaint: Complaint, day: date) -> QuerySet[Employee]:
    """Everybody who may be given the ticket: with a sign-in that handles tickets, and not barred."""
    return members(complaint.store_id, HANDLING_ROLES, day).exclude(pk__in=involved(complaint).blocked)


def who_can(complaint: Complaint, action: str, day: date) -> list[Employee]:
    """The people who can take an action instead of somebody who may not; at most five."""
    parts = NEXT[action].who
    roles = [_ROLE_OF[part] for part in parts if part in _ROLE_OF and part is not Who.HEAD]
    if Who.SPECIALIST_SMALL in parts and is_small(complaint):
        roles.append(Role.SPECIALIST)
    found = Q(pk__in=members(complaint.store_id, roles, day).values("pk"))
    if Who.HEAD in parts:
        found |= Q(pk__in=in_role(complaint.store_id, Role.HEAD, day, complaint.department).values("pk"))
    if Who.HANDLER in parts and complaint.handler_id:
        found |= Q(pk=complaint.handler_id, user__isnull=False)
    if Who.CALLER in parts and complaint.priority_caller_id:
        found |= Q(pk=complaint.priority_caller_id, user__isnull=False)
    barred = involved(complaint).barred_from(action, complaint.handler_id) | set(took_before(complaint, action))
    return list(Employee.objects.filter(found).exclude(pk__in=barred).order_by("number")[:5])


def in_role(store_id: int, role: str, day: date, department: str = "") -> QuerySet[Employee]:
    """The employees of a store with a sign-in in this role (and posted to the department, where one is named)."""
    found = members(store_id, [role], day)
    return found.in_department([department], day) if department else found


def members(store_id: int, roles: Iterable[str], day: date) -> QuerySet[Employee]:
    """The employees of a store with a sign-in in one of the roles, still employed on a day."""
    # one filter() for both conditions: the role must be the one in this store
    return (
        Employee.objects.filter(store_id=store_id, user__is_active=True)
        .filter(user__memberships__store_id=store_id, user__memberships__role__in=list(roles))
        .filter(Q(left_on=None) | Q(left_on__gte=day))
        .select_related("user")
    )


def level_choices(store_id: int) -> list[tuple[str, str]]:
    """The levels of a store as form choices, slightest first; a store's own row replaces the company's."""
    rows = {row.code: row for row in Level.objects.for_store(store_id).order_by(F("store_id").asc(nulls_first=True))}
    return [(row.code, f"{row.code} {row.label}") for row in sorted(rows.values(), key=lambda row: row.rank)]


def _posted(employee: Employee, department: str, day: date) -> bool:
    current = Posting.objects.current(day).filter(employee=employee, department=department)
    return bool(department) and current.exists()


def number_to_dial(customer: Customer | None, day: date) -> Phone | None:
    """The best number that is not known to be bad and whose person is still there; else the first; None without one."""
    numbers = list(customer.phones.all()) if customer else []
    good = (one for one in numbers if one.bad_since is None and not (one.contact and one.contact.has_left(day)))
    return next(good, next(iter(numbers), None))
