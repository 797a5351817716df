"""The telephone numbers of a store's own people: the one rule for calls and for the cleaning of the archive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from crm_site.accounts.models import Employee
from crm_site.core import phones
from crm_site.core.compiled import compiled


def of_store(store_id: int, on: date | None = None) -> frozenset[str]:
    """The numbers of whoever is employed on a day; without a day also of those who have left. One query."""
    found = _of_store(store=store_id) if on is None else _of_store(store=store_id, day=on)
    return frozenset(digits for phone in found for digits in phones.normalise(phone))


@compiled
def _of_store(*, store: int, day: date | None = None) -> QuerySet[Employee, str]:
    rows = Employee.objects.filter(store_id=store).exclude(phone="")
    rows = rows if day is None else rows.employed_on(day)
    return rows.order_by().values_list("phone", flat=True)


def owners(store_ids: Iterable[int]) -> dict[tuple[int, str], list[Employee]]:
    """{(store, number): the employees, also former, whose number it is} of some stores. One query."""
    found: dict[tuple[int, str], list[Employee]] = defaultdict(list)
    for employee in Employee.objects.filter(store_id__in=list(store_ids)).exclude(phone="").order_by("pk"):
        for digits in phones.normalise(employee.phone):
            found[(employee.store_id, digits)].append(employee)
    return dict(found)
