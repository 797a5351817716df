"""What the archive knows of some cars' visits and readings, by a fixed number of queries for any number of cars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from customers.models import NO_VISIT, Delivery, MileageReading, OrderState, RepairOrder, SaleType, Vehicle
from customers.rules.forecast import History, Reading, Visit

#: cars that were sold so are not ours to care for (domain 4.1, excluded delivery types)
NOT_OURS = (SaleType.RESELLER, SaleType.DEMO)


class Order(NamedTuple):
    """The columns of a repair order that say something of its car."""

    pk: int
    job_type: str
    state: str
    checked_in_on: date
    released_on: date | None
    mileage_km: int | None
    is_rework: bool
    rework_of_id: int | None

    @property
    def is_void(self) -> bool:
        """Whether it never happened."""
        return self.state == OrderState.VOID

    @property
    def is_visit(self) -> bool:
        """Whether somebody came with the car, be it still here."""
        return not self.is_void and self.job_type not in NO_VISIT

    @property
    def is_counting(self) -> bool:
        """Whether it counts as having been here."""
        return self.state == OrderState.SETTLED and self.job_type not in NO_VISIT


class HandOver(NamedTuple):
    """The columns of a delivery that say something of its car."""

    delivered_on: date
    sale_type: str
    returned_on: date | None


@dataclass
class CarFacts:
    """One car's orders (by the day of their check-in), deliveries and told mileages."""

    orders: list[Order] = field(default_factory=list)
    deliveries: list[HandOver] = field(default_factory=list)
    told: list[Reading] = field(default_factory=list)

    def history(self, last_visit_on: date | None, last_mileage_km: int | None) -> History:
        """What the forecast is made of; a last visit that no order explains was told by a list of customers."""
        orders = [order for order in self.orders if not order.is_void]
        kept = [one for one in self.deliveries if one.returned_on is None]
        ours = [one.delivered_on for one in kept if one.sale_type not in NOT_OURS]
        readings = [Reading(order.checked_in_on, order.mileage_km) for order in orders if order.mileage_km is not None]
        readings += [Reading(one.delivered_on, 0) for one in kept[:1]] + self.told
        visits = [Visit(order.checked_in_on, order.mileage_km) for order in orders if order.is_counting]
        listed = None if any(order.checked_in_on == last_visit_on for order in orders) else last_visit_on
        if listed and last_mileage_km and last_mileage_km > max((order.mileage_km or 0 for order in orders), default=0):
            readings.append(Reading(listed, last_mileage_km))
            visits = sorted([*visits, Visit(listed, last_mileage_km)], key=lambda visit: visit.on)
        return History(ours[-1] if ours else None, visits, readings, listed)


def read(vehicle_ids: Sequence[int]) -> dict[int, CarFacts]:
    """The facts of cars, one entry for each car asked for; three queries."""
    known: dict[int, CarFacts] = defaultdict(CarFacts)
    for pk, *row in _rows(RepairOrder, vehicle_ids, Order._fields, "checked_in_on"):
        known[pk].orders.append(Order(*row))
    for pk, *row in _rows(Delivery, vehicle_ids, HandOver._fields, "delivered_on"):
        known[pk].deliveries.append(HandOver(*row))
    for pk, *row in _rows(MileageReading, vehicle_ids, ("read_on", "km"), "read_on"):
        known[pk].told.append(Reading(*row))
    return {pk: known[pk] for pk in vehicle_ids}


def _rows(model: Any, vehicle_ids: Sequence[int], columns: Iterable[str], day: str) -> Any:
    rows = model.objects.filter(vehicle_id__in=vehicle_ids).order_by(day, "pk")
    return rows.values_list("vehicle_id", *columns)


def order_of(order: RepairOrder) -> Order:
    """An order that is held in memory."""
    return Order(*(getattr(order, name) for name in Order._fields))


def hand_over_of(delivery: Delivery) -> HandOver:
    """A delivery that is held in memory."""
    return HandOver(*(getattr(delivery, name) for name in HandOver._fields))


def locked(vehicle_ids: Iterable[int]) -> list[Vehicle]:
    """Cars with what is reckoned of them, locked in the order of their keys, without holding up who points to them."""
    columns = ("version", "store_id", "series", "power", *Vehicle.DERIVED_FIELDS)
    rows = Vehicle.objects.filter(pk__in=sorted(set(vehicle_ids))).order_by("pk").only(*columns)
    return list(rows.select_for_update(no_key=True))
