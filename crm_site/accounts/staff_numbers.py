"""The telephone numbers of a store's own people: the one rule for calls and for the cleaning of the archive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from crm_site.accounts.models import Employee
from crm_site.core import phones


def of_store(store_id: int, on: date | None = None) -> frozenset[str]:
    """The numbers of whoever is employed on a day; without a day also of those who have left. One query."""
    rows = Employee.objects.filter(store_id=store_id).exclude(phone="")
    rows = rows.employed_on(on) if on is not None else rows
    return frozenset(digits for phone in rows.values_list("phone", flat=True) for digits in phones.normalise(phone))


def owners(store_ids: Iterable[int]) -> dict[tuple[int, str], list[Employee]]:
    """{(store, number): the employees, also former, whose number it is} of some stores. One query."""
    found: dict[tuple[int, str], list[Employee]] = defaultdict(list)
    for employee in Employee.objects.filter(store_id__in=list(store_ids)).exclude(phone="").order_by("pk"):
        for digits in phones.normalise(employee.phone):
            found[(employee.store_id, digits)].append(employee)
    return dict(found)
