"""Occasions that are days to come: what is due for a car by its stored dates, and the days that come every year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet

from crm_site.core import clock
from customers.models import Customer, CustomerType, Delivery, Vehicle, VehicleRole
from revisits.generator.facts import DELIVERY_COLUMNS, EXCLUDED_SALE_TYPES, delivery
from revisits.generator.reading import Occasion, Source, Within, key, on_days
from revisits.models import Anchor
from revisits.rules import yearly
from revisits.rules.conditions import Subject

#: how many years back a delivery still has anniversaries
MOST_YEARS = 15
#: how old a customer may be
OLDEST = 110


def _same_day(day: date) -> date:
    return day


# ---- what a car is due for -------------------------------------------------------------------------------------------

_OWNER_COLUMNS = (
    "owner__customer_id", "owner__customer__name", "owner__customer__restricted", "owner__customer__marketing_consent",
)  # fmt: skip


def _with_owner(rows: QuerySet) -> QuerySet:
    """The cars with their current owners, joined for reading only."""
    # A new relation each time: Django changes the one that it is given.
    owner = FilteredRelation("roles", condition=Q(roles__role=VehicleRole.Kind.OWNER, roles__until=None))
    return rows.annotate(owner=owner)


def _cars(store_id: int) -> QuerySet:
    """The cars in use; what was sold or scrapped is due for nothing."""
    return Vehicle.objects.filter(store_id=store_id, state=Vehicle.State.ACTIVE)


def _car(row: dict[str, Any], *, day: str, forecast: bool) -> Occasion:
    return Occasion(
        fact_id=row["pk"],
        anchor_key=row["anchor_key"],
        anchor_on=row[day],
        recorded_on=None if forecast else clock.business_day(row["created_at"]),
        vehicle_id=row["pk"],
        vehicle_state=row["state"],
        customer_id=row["owner__customer_id"],
        customer_name=row["owner__customer__name"] or "",
        restricted=bool(row["owner__customer__restricted"]),
        consent=bool(row["owner__customer__marketing_consent"]),
        refuses_marketing=row["owner__customer__marketing_consent"] is False,
        subject=Subject(series=row["series"], power=row["power"]),
    )


def _of_cars(
    day: str, spelled: tuple[str, ...], *, forecast: bool = False, facts: Callable[[int], QuerySet] = _cars
) -> Source:
    """The cars with a stored day; `spelled` is how their occasions are named behind the car."""
    return Source(
        facts=facts,
        within=on_days(day),
        key=key("vehicle:", "@pk", *spelled),
        columns=(day, "created_at", "state", "series", "power", *_OWNER_COLUMNS),
        read=partial(_car, day=day, forecast=forecast),
        day_columns=(day,),
        anchor_day=_same_day,
        joined=_with_owner,
        forecast=forecast,
    )


def _new_cars(store_id: int) -> QuerySet:
    """The cars in use that have never been here."""
    return _cars(store_id).filter(last_visit_on=None)


#: A forecast is never part of a key: the next maintenance is named by the visit that it follows. That visit is named by
#: its stored day rather than by its order, so that no candidate needs a look into the orders.
CARS: dict[str, Source] = {
    Anchor.FIRST_SERVICE: _of_cars("first_service_on", (":first_service",), forecast=True, facts=_new_cars),
    Anchor.MAINTENANCE: _of_cars("next_maintenance_on", (":maintenance:after:", "@last_seen_on"), forecast=True),
    Anchor.INSURANCE: _of_cars("insurance_until", (":insurance:", "@insurance_until")),
    Anchor.INSPECTION: _of_cars("inspection_due_on", (":inspection:", "@inspection_due_on")),
    Anchor.WARRANTY: _of_cars("warranty_until", (":warranty:", "@warranty_until")),
    Anchor.LAST_VISIT: _of_cars("last_seen_on", (":lost:after:", "@last_seen_on"), forecast=True),
}


# ---- birthdays -------------------------------------------------------------------------------------------------------


def _persons(store_id: int) -> QuerySet:
    """The individuals who own a car in use; a greeting goes to the person, however many cars."""
    cars = VehicleRole.objects.filter(
        customer=OuterRef("pk"), role=VehicleRole.Kind.OWNER, until=None, vehicle__state=Vehicle.State.ACTIVE
    )
    return Customer.objects.filter(Exists(cars), store_id=store_id, customer_type=CustomerType.PERSON)


def _born(year: int) -> Callable[[date, date], Q]:
    """Who has their birthday on those of the days first…last that lie in a year: a range for each year of birth."""

    def within(first: date, last: date) -> Q:
        first, last = max(first, date(year, 1, 1)), min(last, date(year, 12, 31))
        found = Q(pk__in=[])
        for born in range(year - OLDEST, year):
            found |= Q(birthday__range=(yearly.earliest(first, born), yearly.latest(last, born)))
        return found

    return within


def _birthday(row: dict[str, Any], *, year: int) -> Occasion:
    return Occasion(
        fact_id=row["pk"],
        anchor_key=row["anchor_key"],
        anchor_on=yearly.in_year(row["birthday"], year),
        recorded_on=clock.business_day(row["created_at"]),
        vehicle_id=None,
        vehicle_state="",
        customer_id=row["pk"],
        customer_name=row["name"],
        restricted=row["restricted"],
        consent=bool(row["marketing_consent"]),
        refuses_marketing=row["marketing_consent"] is False,
    )


def birthdays(year: int) -> Source:
    """The birthdays of a year; one greeting a customer and year, however many cars."""
    return Source(
        facts=_persons,
        within=_born(year),
        key=key("customer:", "@pk", f":birthday:{year}"),
        columns=("birthday", "created_at", "name", "restricted", "marketing_consent"),
        read=partial(_birthday, year=year),
        day_columns=("birthday",),
        anchor_day=partial(yearly.in_year, year=year),
    )


# ---- anniversaries ---------------------------------------------------------------------------------------------------


def _delivered(store_id: int) -> QuerySet:
    """The deliveries that may be remembered; what is history, was returned or was no retail sale is not."""
    rows = Delivery.objects.filter(store_id=store_id, historical=False, returned_on=None)
    return rows.exclude(sale_type__in=EXCLUDED_SALE_TYPES)


def _years_before(years: int) -> Within:
    def within(first: date, last: date) -> Q:
        begin = yearly.earliest(first, first.year - years)
        return Q(delivered_on__range=(begin, yearly.latest(last, last.year - years)))

    return within


def anniversaries(years: int) -> Source:
    """The deliveries that come to be so many years old."""

    def anniversary(row: dict[str, Any]) -> Occasion:
        return delivery(row | {"delivered_on": yearly.years_after(row["delivered_on"], years)})

    return Source(
        facts=_delivered,
        within=_years_before(years),
        key=key("delivery:", "@pk", f":year:{years}"),
        columns=DELIVERY_COLUMNS,
        read=anniversary,
        day_columns=("delivered_on",),
        anchor_day=partial(yearly.years_after, years=years),
    )


def yearly_sources(anchor: str, first: date, last: date) -> list[Source]:
    """The sources of an anchor that comes round every year, on the days first…last; none for any other anchor."""
    if anchor == Anchor.BIRTHDAY:
        return [birthdays(year) for year in range(first.year, last.year + 1)]
    if anchor == Anchor.ANNIVERSARY:
        return [anniversaries(years) for years in range(1, MOST_YEARS + 1)]
    return []
