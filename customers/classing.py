"""What is known of many customers at once for their value and their place in the lifecycle; few queries for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Min, QuerySet, Sum

from crm_site.core.compiled import compiled
from crm_site.core.dates import add_months
from customers.models import ClassDefinition, Customer, CustomerType, Delivery, RepairOrder, Vehicle, VehicleRole
from customers.rules import definitions, lifecycle
from customers.rules.value import CarFacts, Ranking, Worth

#: the kind of the job that reckons the classes of a store (revisits.classes knows complaints and answers)
JOB = "revisits.classes"
#: months of business that the value class looks back
YEAR = 12


def numbers_of(store_id: int | None) -> dict[str, dict[str, int]]:
    """{scheme: numbers} as they hold in a store (None: as the company has them): its own row, else the company's."""
    rows = ClassDefinition.objects.filter(store=None)
    rows = rows | ClassDefinition.objects.filter(store_id=store_id) if store_id else rows
    stated: dict[str, Mapping[str, object]] = {}
    for row in sorted(rows, key=lambda one: one.store_id is not None):
        stated[row.scheme] = row.numbers
    return {scheme: definitions.complete(scheme, stated.get(scheme, {})) for scheme in definitions.SCHEMES}


def brought(store_id: int, today: date) -> dict[int, Decimal]:
    """{customer: yuan} of the settled orders of the twelve months up to a day, for whoever had one.

    The twelve months roll with the day: a class that is reckoned every night looks at the same stretch for everybody,
    in January as in December. Years of the calendar are kept beside it (YearValue).
    """
    rows = RepairOrder.objects.earning().filter(store_id=store_id, customer__isnull=False)
    rows = rows.filter(released_on__gt=add_months(today, -YEAR), released_on__lte=today).order_by()
    sums = rows.values_list("customer").annotate(total=Sum("total_fee"))
    return {customer_id: Decimal(total or 0).quantize(Decimal("0.01")) for customer_id, total in sums}


def ranking_of(amounts: Mapping[int, Decimal]) -> Ranking:
    """The place of everybody who had business."""
    return Ranking(amounts.values())


class Cars:
    """The cars in care of some customers of a store, read once for value and lifecycle."""

    def __init__(self, store_id: int, customer_ids: Collection[int], today: date) -> None:
        self.of: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in _in_care(today, store=store_id, customers=list(customer_ids)):
            if row["roles__customer"] in customer_ids:
                self.of[row["roles__customer"]].append(row)

    @property
    def ids(self) -> list[int]:
        """The keys of the cars."""
        return [car["pk"] for cars in self.of.values() for car in cars]


def worth_of(
    customer_ids: Collection[int], cars: Cars, amounts: Mapping[int, Decimal], loyalty: Mapping[int, str]
) -> dict[int, Worth]:
    """What customers brought and could bring; `loyalty` is their class of service customers. Two queries."""
    insured = _insured_here(cars.ids)
    enterprises = set(
        Customer.objects.filter(pk__in=customer_ids, customer_type=CustomerType.ORG).values_list("pk", flat=True)
    )
    return {
        pk: Worth(
            amounts.get(pk),
            tuple(
                CarFacts(car["purchased_on"] or car["made_on"], car["warranty_until"], insured.get(car["pk"]))
                for car in cars.of.get(pk, ())
            ),
            loyalty.get(pk, ""),
            pk in enterprises,
        )
        for pk in customer_ids
    }


def _insured_here(vehicle_ids: Iterable[int]) -> dict[int, bool | None]:
    """Whether each car was insured here at its last delivery."""
    rows = Delivery.objects.filter(vehicle__in=list(vehicle_ids), returned_on=None).order_by("delivered_on", "pk")
    return dict(rows.values_list("vehicle", "insured_here"))


def life_of(customer_ids: Collection[int], cars: Cars) -> dict[int, lifecycle.Facts]:
    """Where customers stand: business ever, cars in care, what they told. Four queries."""
    found = {pk: lifecycle.Facts() for pk in customer_ids}
    first = _first_days(customer_ids)
    ever = set(_owned_ever(customers=list(customer_ids))) | set(first)
    told_on = dict(_told(customers=list(customer_ids)))
    for pk, facts in found.items():
        mine = cars.of.get(pk, [])
        facts.had_business, facts.has_car = pk in ever, bool(mine)
        facts.seen_on = _latest(car["seen_on"] for car in mine)
        facts.maintenance_on = _latest(car["next_maintenance_on"] for car in mine)
        facts.first_on, facts.told_on = first.get(pk), told_on.get(pk)
    return found


def _first_days(customer_ids: Collection[int]) -> dict[int, date]:
    """The first delivery or visit of each customer."""
    ids = list(customer_ids)
    found: dict[int, date] = {}
    for pk, day in (*_first_deliveries(customers=ids), *_first_visits(customers=ids)):
        found[pk] = min(day, found.get(pk, day))
    return found


# ---- asked after every call, of its customer, and at night of all ----------------------------------------------------


@compiled
def _in_care(today: date, *, store: int, customers: list[int]) -> QuerySet[Vehicle, Any]:
    roles = VehicleRole.objects.filter(role=VehicleRole.Kind.OWNER, until=None, customer__pk__in=customers)
    rows: Any = Vehicle.objects.filter(store_id=store, roles__in=roles).in_care(today).order_by("pk")
    columns = ("purchased_on", "made_on", "warranty_until", "next_maintenance_on", "seen_on")
    return rows.values("pk", "roles__customer", *columns)


@compiled
def _owned_ever(*, customers: list[int]) -> QuerySet[VehicleRole, Any]:
    owned = VehicleRole.objects.filter(customer__pk__in=customers, role=VehicleRole.Kind.OWNER)
    return owned.order_by().values_list("customer", flat=True)


@compiled
def _told(*, customers: list[int]) -> QuerySet[Customer, Any]:
    told = Customer.objects.filter(pk__in=customers, defection_told_on__isnull=False)
    return told.order_by().values_list("pk", "defection_told_on")


@compiled
def _first_deliveries(*, customers: list[int]) -> QuerySet[Delivery, Any]:
    rows = Delivery.objects.filter(returned_on=None, customer__pk__in=customers)
    return rows.order_by().values_list("customer").annotate(day=Min("delivered_on"))


@compiled
def _first_visits(*, customers: list[int]) -> QuerySet[RepairOrder, Any]:
    rows = RepairOrder.objects.counting().filter(customer__pk__in=customers)
    return rows.order_by().values_list("customer").annotate(day=Min("checked_in_on"))


def _latest(days: Iterable[date | None]) -> date | None:
    return max(filter(None, days), default=None)
