"""What hangs on a person who is away or leaves: promises, calls given to them, calls in their hands, own customers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from crm_site.accounts.models import Employee
from crm_site.core import clock
from revisits.models import Revisit


@dataclass(frozen=True)
class Span:
    """The days on which somebody is not there; `last` None: for good."""

    first: date
    last: date | None = None


def touched(employee: Employee, span: Span, *, now: datetime) -> QuerySet[Revisit]:
    """The open calls that wait for a person who is not there.

    Of an absence: promises of its days and before, calls given to them that fall due by its end, calls in their hands.
    Of a leaver: all of them.
    """
    rows = Revisit.objects.filter(store_id=employee.store_id).open()
    promised, assigned = Q(promised_by=employee, promised_at__isnull=False), Q(assigned_to=employee)
    if span.last is not None:
        _start, end = clock.day_bounds(span.last)
        promised &= Q(promised_at__lt=end)
        assigned &= Q(due_on__lte=span.last, promised_at=None)
    held = Q(claimed_by=employee, lease_until__gte=now)
    return rows.filter(promised | assigned | held).order_by("promised_at", "expires_on", "pk")


def can_wait(revisit: Revisit, employee: Employee, span: Span) -> bool:
    """Whether a call may stay with its person: it can still be made after they are back."""
    if span.last is None or revisit.promised_by_id == employee.pk:
        return False
    return revisit.expires_on > span.last


def own_customers(employee: Employee, span: Span) -> QuerySet[Revisit]:
    """A consultant's calls to his own customers, which his colleagues see and take while he is not there."""
    rows = Revisit.objects.open().filter(delivery__sales_consultant=employee, rule_version__owner_role="frontline")
    rows = rows.filter(assigned_to=None, promised_by=None)
    return rows.filter(due_on__lte=span.last, expires_on__gte=span.first) if span.last else rows


def counts(employees: Iterable[Employee], *, now: datetime) -> dict[int, int]:
    """{employee: how many open calls wait for them personally}; one query."""
    ids = [employee.pk for employee in employees]
    found = dict.fromkeys(ids, 0)
    rows = Revisit.objects.open().filter(
        Q(promised_by_id__in=ids, promised_at__isnull=False) | Q(assigned_to_id__in=ids)
    )
    for promised, assigned, promised_at in rows.values_list("promised_by_id", "assigned_to_id", "promised_at"):
        for pk in {promised if promised_at else 0, assigned or 0} & found.keys():
            found[pk] += 1
    return found
