"""Keeps what every customer brought in each calendar year, out of the settled orders."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, F, IntegerField, QuerySet, Sum
from django.db.models.functions import ExtractYear

from crm_site.core.sql import update_rows
from customers.models import RepairOrder, YearValue

_CENT = Decimal("0.01")


class Brought(NamedTuple):
    """What one customer brought in one year: yuan and visits (a car and day each), and the class at its end."""

    amount: Decimal
    visits: int
    value_class: str = ""


def _orders(store_id: int) -> QuerySet:
    """The orders that count, each with the year in which it was released."""
    rows = RepairOrder.objects.earning().filter(store_id=store_id, customer__isnull=False, released_on__isnull=False)
    return rows.annotate(of_year=ExtractYear("released_on", output_field=IntegerField())).order_by()


def years_to_reckon(store_id: int, today: date) -> list[int]:
    """The years whose orders no longer add up to what is kept of them; the present one always, for its classes."""
    now = {
        year: (_yuan(total), count)
        for year, total, count in _orders(store_id)
        .values_list("of_year")
        .annotate(total=Sum("total_fee"), count=Count("customer", distinct=True))
    }
    kept_rows = YearValue.objects.filter(store_id=store_id, customer__merged_into=None).order_by().values_list("year")
    kept = {
        year: (_yuan(total), count)
        for year, total, count in kept_rows.annotate(total=Sum("amount"), count=Count("customer"))
    }
    return sorted({today.year} | {year for year in {*now, *kept} if now.get(year) != kept.get(year)})


def forget_merged(store_id: int) -> int:
    """Take the years of merged cards away: their orders hang on the survivor, whose years tell of them."""
    return YearValue.objects.filter(store_id=store_id, customer__merged_into__isnull=False).delete()[0]


@transaction.atomic
def keep_years(
    store_id: int, customer_ids: Collection[int], years: Collection[int], today: date, classes: Mapping[int, str]
) -> int:
    """Bring the kept years of some customers up to date; gives how many rows changed. Two queries where none did.

    `classes` are their value classes now: the row of the present year follows them, a past year keeps the class that
    it ended with.
    """
    kept_rows = YearValue.objects.filter(store_id=store_id, customer__in=customer_ids, year__in=years)
    kept = {(row.customer_id, row.year): row for row in kept_rows}
    now = _brought(store_id, customer_ids, years)
    fresh, changed = [], []
    for key, found in now.items():
        row = kept.pop(key, None)
        value_class = classes.get(key[0], "") if key[1] == today.year or row is None else row.value_class
        if row is None:
            fresh.append(_row(store_id, key, found, value_class if key[1] == today.year else ""))
        elif (row.amount, row.visits, row.value_class) != (found.amount, found.visits, value_class):
            changed.append((row.pk, found.amount, found.visits, value_class))
    YearValue.objects.bulk_create(fresh, batch_size=1000)
    update_rows(YearValue, ("amount", "visits", "value_class"), changed)
    if kept:
        YearValue.objects.filter(pk__in=[row.pk for row in kept.values()]).delete()
    return len(fresh) + len(changed) + len(kept)


def _brought(store_id: int, customer_ids: Collection[int], years: Collection[int]) -> dict[tuple[int, int], Brought]:
    rows = _orders(store_id).filter(customer__in=customer_ids, of_year__in=years)
    days = Count(F("checked_in_on"), distinct=True)
    found: dict[tuple[int, int], Brought] = {}
    # by car as well: two cars on one day are two visits
    for customer_id, year, _car, total, visits in rows.values_list("customer", "of_year", "vehicle").annotate(
        total=Sum("total_fee"), visits=days
    ):
        before = found.get((customer_id, year), Brought(Decimal(0), 0))
        found[customer_id, year] = Brought(before.amount + _yuan(total), before.visits + visits)
    return found


def _row(store_id: int, key: tuple[int, int], found: Brought, value_class: str) -> YearValue:
    return YearValue(
        store_id=store_id, customer_id=key[0], year=key[1],
        amount=found.amount, visits=found.visits, value_class=value_class,
    )  # fmt: skip


def _yuan(total: Decimal | float | None) -> Decimal:
    """A sum with two decimals; SQLite adds decimals up as floats."""
    return Decimal(total or 0).quantize(_CENT)
