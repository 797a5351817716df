"""What follows from the facts of cars once they have changed: last visit, dates, 返修, bookings that were kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from crm_site.core import clock
from crm_site.core.sql import update_rows
from crm_site.imports.journal import Journal
from customers.actions import dates, facts, rework
from customers.actions.facts import CarFacts
from customers.models import Booking, Delivery, MileageReading, RepairOrder, Vehicle
from customers.rules.bookings import STANDING, fulfils

VISIT = ("last_visit_on", "last_mileage_km")
COLUMNS = (*VISIT, *dates.COLUMNS)


@transaction.atomic
def follow(store_id: int, vehicle_ids: Iterable[int], journal: Journal | None = None) -> None:
    """Bring everything up to date that hangs on orders, deliveries and readings of a store's cars.

    A fixed number of queries for any number of cars, which are locked; only what changed is written. The journal of an
    import gets what could not be reckoned again after its undo: the last visit as the archive knew it, and bookings.
    """
    cars = [car for car in facts.locked(vehicle_ids) if car.store_id == store_id]
    if not cars:
        return
    known = facts.read([car.pk for car in cars])
    before = {car.pk: _standing(car) for car in cars}
    for car in cars:
        _put_visit(car, known[car.pk])
    dates.put(cars, known, dates.plans_of(store_id))
    changed = [car for car in cars if _standing(car) != before[car.pk]]
    update_rows(Vehicle, COLUMNS, [(car.pk, *_standing(car)) for car in changed])
    _note(journal, changed, before)
    rework.detect(known)
    _keep_bookings(known, journal)


def tell_new(cars: Sequence[tuple[Vehicle, CarFacts]], store_id: int) -> None:
    """Set last visit and dates of cars that are about to be inserted, from the facts that come with them; one query."""
    if not cars:
        return
    plans = dates.plans_of(store_id)
    for car, known in cars:
        _put_visit(car, known)
        dates.put([car], {car.pk: known}, plans)


def _standing(car: Vehicle) -> tuple[Any, ...]:
    return tuple(getattr(car, name) for name in COLUMNS)


def _put_visit(car: Vehicle, known: CarFacts) -> None:
    """The last visit and the mileage by the orders; what the archive knew better stays.

    A date that came from an order which is void now goes back to the last visit that is left.
    """
    void = max((order.checked_in_on for order in known.orders if order.is_void), default=None)
    stood = None if void and car.last_visit_on == void else car.last_visit_on
    visits = [order.checked_in_on for order in known.orders if order.is_visit]
    read = [order.mileage_km for order in known.orders if not order.is_void and order.mileage_km is not None]
    car.last_visit_on = max(filter(None, (stood, *visits)), default=None)
    car.last_mileage_km = max((km for km in (car.last_mileage_km, *read) if km is not None), default=None)


def _note(journal: Journal | None, changed: Iterable[Vehicle], before: Mapping[int, tuple[Any, ...]]) -> None:
    if journal is None:
        return
    for car in changed:
        stood = dict(zip(VISIT, before[car.pk], strict=False))
        if any(getattr(car, name) != value for name, value in stood.items()):
            journal.changed(car, stood)


def _keep_bookings(known: Mapping[int, CarFacts], journal: Journal | None) -> None:
    """Bookings whose car was brought near the wanted day, after they were made, are kept promises."""
    standing = Booking.objects.filter(vehicle_id__in=known, state__in=STANDING).order_by("pk")
    for booking in standing.select_for_update():
        made_on = clock.business_day(booking.created_at)
        visits = (order.checked_in_on for order in known[booking.vehicle_id].orders if order.is_visit)
        if not any(made_on <= day and fulfils(day, booking.wanted_on) for day in visits):
            continue
        before = {"state": booking.state, "version": booking.version}
        booking.state, booking.version = Booking.State.CAME, booking.version + 1
        booking.save(update_fields=["state", "version"])
        if journal:
            journal.changed(booking, before)


def around_undo(rows: Mapping[str, Sequence[int]]) -> Callable[[], None]:
    """For settings.AROUND_UNDO: the cars of the facts that are taken back get the dates and 返修 of those that stay.

    `rows` is {model label: [keys]}. Orders that point to one that goes are let go of first.
    """
    orders = Q(pk__in=rows.get("customers.repairorder", ()))
    pointing = RepairOrder.objects.filter(rework_of__in=rows.get("customers.repairorder", ()))
    touched = set(pointing.values_list("vehicle_id", flat=True)) | _cars_of(rows, orders)
    pointing.update(rework_of=None)

    def again() -> None:
        ids = touched | _cars_of(rows, orders)
        for store_id in Vehicle.objects.filter(pk__in=ids).order_by().values_list("store_id", flat=True).distinct():
            dates.refresh(store_id, ids)
        rework.detect(facts.read(sorted(ids)))

    return again


def _cars_of(rows: Mapping[str, Sequence[int]], orders: Q) -> set[int]:
    """The cars that the rows of an import are about, as these stand now."""
    found = set(rows.get("customers.vehicle", ()))
    for model, which in (
        (RepairOrder, orders),
        (Delivery, Q(pk__in=rows.get("customers.delivery", ()))),
        (MileageReading, Q(pk__in=rows.get("customers.mileagereading", ()))),
    ):
        found.update(model._default_manager.filter(which).values_list("vehicle_id", flat=True))
    return found
