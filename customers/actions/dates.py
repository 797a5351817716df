"""Keeps the dates on cars: first service, next maintenance, last seen, and how far a car goes in a day.

The due lists filter on these plain columns (docs/forecast.md); whoever changes a fact of a car refreshes them in the
same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from crm_site.core.sql import update_rows
from customers.actions import facts
from customers.actions.facts import CarFacts
from customers.models import ServicePlan, Vehicle
from customers.rules.forecast import Forecast, Interval, Plan, forecast, plan_for

#: what is reckoned from a car's facts by this module
COLUMNS = ("last_seen_on", "daily_km", "first_service_on", "next_maintenance_on")


@transaction.atomic
def refresh(store_id: int, vehicle_ids: Iterable[int]) -> int:
    """Reckon the dates of a store's cars from what the archive knows; gives how many cars have got other ones.

    Six queries for any number of cars, so hand over all at once, but not more than some thousand: they are locked.
    Only `COLUMNS` of changed cars are written, without a new version, since nobody has edited them.
    """
    cars = [car for car in facts.locked(vehicle_ids) if car.store_id == store_id]
    if not cars:
        return 0
    before = {car.pk: standing(car) for car in cars}
    put(cars, facts.read([car.pk for car in cars]), plans_of(store_id))
    changed = [(car.pk, *standing(car)) for car in cars if standing(car) != before[car.pk]]
    update_rows(Vehicle, COLUMNS, changed)
    return len(changed)


def standing(car: Vehicle) -> tuple[Any, ...]:
    """The dates as they stand on a car."""
    return tuple(getattr(car, name) for name in COLUMNS)


def put(cars: Iterable[Vehicle], known: Mapping[Any, CarFacts], plans: Sequence[Plan]) -> None:
    """Set the dates of cars that are held in memory; `known` gives the facts by key of the car. Writes nothing."""
    for car in cars:
        found = look_ahead(car, known[car.pk], plans)
        car.daily_km, car.last_seen_on = found.daily_km, found.last_seen_on
        car.first_service_on = found.first_service.on if found.first_service else None
        car.next_maintenance_on = found.next_maintenance.on if found.next_maintenance else None


def look_ahead(car: Vehicle, known: CarFacts, plans: Sequence[Plan]) -> Forecast:
    """What a car's facts say of its dates, with the reasons."""
    history = known.history(car.last_visit_on, car.last_mileage_km)
    return forecast(history, plan_for(plans, car.series, car.power))


def plans_of(store_id: int) -> list[Plan]:
    """The rows of the table that hold in a store."""
    return [plan_of(row) for row in ServicePlan.objects.for_store(store_id)]


def plan_of(row: ServicePlan) -> Plan:
    """A row of the table as the rules read it."""
    first, following = Interval(row.first_km, row.first_months), Interval(row.next_km, row.next_months)
    return Plan(first, following, row.series, row.power, row.store_id)


def explain(cars: Sequence[Vehicle]) -> dict[int, Forecast]:
    """For showing: the forecasts of some cars of one store, by key; four queries, writes nothing."""
    if not cars:
        return {}
    known, plans = facts.read([car.pk for car in cars]), plans_of(cars[0].store_id)
    return {car.pk: look_ahead(car, known[car.pk], plans) for car in cars}
