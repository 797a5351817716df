"""Changes to the roster: who works here, in which post, until when."""

from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Membership, Posting, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken

#: what the roster's form may change
FIELDS = ("number", "name", "sex", "phone", "hired_on")


@transaction.atomic
def create_employee(
    store: Store, *, values: dict[str, Any], department: str, post: str, by: Employee | None
) -> Employee:
    """Add somebody to the roster with a first post, held from the day they were hired.

    `values` holds FIELDS. Raises RuleBroken (field "number") where the number is taken in this store.
    """
    employee = Employee(store=store, **{name: values[name] for name in FIELDS})
    _save(employee, new=True)
    Posting.objects.create(employee=employee, department=department, post=post, since=values["hired_on"])
    trail.record(by, "employee.created", employee, department=department, post=post)
    return employee


@transaction.atomic
def change_employee(employee_id: int, *, values: dict[str, Any], by: Employee) -> Employee:
    """Correct an employee's own facts; raises RuleBroken where the number is taken."""
    employee = Employee.objects.select_for_update().get(pk=employee_id)
    changed = [name for name in FIELDS if getattr(employee, name) != values[name]]
    if not changed:
        return employee
    for name in changed:
        setattr(employee, name, values[name])
    _save(employee, fields=changed)
    trail.record(by, "employee.changed", employee, fields=changed)
    return employee


def _save(employee: Employee, *, new: bool = False, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            employee.save(force_insert=new, update_fields=fields)
    except IntegrityError as clash:
        raise RuleBroken(
            _("Another employee of this store already has this number."), code="number_taken", field="number"
        ) from clash


@transaction.atomic
def change_post(employee_id: int, *, department: str, post: str, since: date, by: Employee) -> Posting:
    """Give an employee a new post from a day on; the one held until then ends the day before.

    Raises RuleBroken where a later or same-day posting exists: history is not rewritten.
    """
    employee = Employee.objects.select_for_update().get(pk=employee_id)
    last = employee.postings.order_by("-since").first()
    if last and last.since >= since:
        raise RuleBroken(
            _("The present post began on %(day)s. Choose a later day.") % {"day": last.since.isoformat()},
            code="posting_not_later",
            field="since",
        )
    if last and (last.until is None or last.until >= since):
        last.until = since - timedelta(days=1)
        last.save(update_fields=["until"])
    posting = Posting.objects.create(employee=employee, department=department, post=post, since=since)
    trail.record(by, "employee.posted", employee, department=department, post=post, since=since)
    return posting


@transaction.atomic
def mark_left(employee_id: int, *, left_on: date, by: Employee) -> Employee:
    """Record an employee's last day: the post ends with it, and the sign-in of this store's membership is taken away.

    Raises RuleBroken for a day before they were hired, and for oneself.
    """
    employee = Employee.objects.select_for_update().get(pk=employee_id)
    if employee.pk == by.pk:
        raise RuleBroken(_("You cannot mark yourself as having left."), code="oneself", field="left_on")
    if employee.hired_on and left_on < employee.hired_on:
        raise RuleBroken(
            _("They were hired on %(day)s. Choose that day or a later one.") % {"day": employee.hired_on.isoformat()},
            code="left_before_hired",
            field="left_on",
        )
    employee.left_on = left_on
    employee.save(update_fields=["left_on"])
    employee.postings.filter(until=None, since__lte=left_on).update(until=left_on)
    Membership.objects.filter(user__employees=employee, store_id=employee.store_id).delete()
    trail.record(by, "employee.left", employee, left_on=left_on)
    return employee
