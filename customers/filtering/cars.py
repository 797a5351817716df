"""The filters by the cars that a customer has now: what they are, when they were here, what ends soon."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm_site.core.dates import add_months
from crm_site.core.reading import distinct_values
from customers.filtering.field import CAR, VEHICLE, Asked, Field, column, day, spans, written
from customers.models import Vehicle, VehicleRole

DAYS = (7, 14, 30, 60, 90)
MONTHS = (1, 3, 6, 12, 18, 24)
MOST_OPTIONS = 60


def having(cars: Q, asked: Asked) -> tuple[QuerySet[VehicleRole], QuerySet[Vehicle]]:
    """The present roles on cars for which all of this holds, and these cars."""
    found = Vehicle.objects.filter(asked.in_stores).filter(cars)
    return VehicleRole.objects.filter(until=None, vehicle__in=found), found


def _held(name: str) -> Callable[[Sequence[int]], list[str]]:
    return partial(_words, name)


def _words(name: str, stores: Sequence[int]) -> list[str]:
    return distinct_values(Vehicle, name, stores, MOST_OPTIONS)


def _soon(name: str) -> Callable[[int, Asked], Q]:
    """A day of a car in use that comes within so many days."""

    def where(days: int, asked: Asked) -> Q:
        return Q(**{f"{name}__range": (asked.today, asked.today + timedelta(days=days))}, state=Vehicle.State.ACTIVE)

    return where


def _here_within(months: int, asked: Asked) -> Q:
    return Q(last_visit_on__gt=add_months(asked.today, -months))


def _away_since(months: int, asked: Asked) -> Q:
    """Has a car, and none of the cars has been here since, nor was bought since."""
    own = VehicleRole.objects.filter(customer=OuterRef("pk"), until=None)
    seen = own.filter(vehicle__last_seen_on__gt=add_months(asked.today, -months))
    return Q(Exists(own)) & ~Q(Exists(seen))


def _bought_from(first: date) -> Q:
    return Q(purchased_on__gte=first)


def _bought_to(last: date) -> Q:
    return Q(purchased_on__lte=last)


FIELDS: list[Field] = [
    written("brand", _("Brand"), CAR, _held("brand"), "brand", about=VEHICLE),
    written("series", _("Series"), CAR, _held("series"), "series", about=VEHICLE),
    column("power", _("Power"), CAR, Vehicle._meta.get_field("power").choices, "power", about=VEHICLE),
    spans("visited", _("Last visit within"), CAR, _here_within, offered=MONTHS, unit="months", about=VEHICLE),
    spans("away", _("Not here since"), CAR, _away_since, offered=MONTHS, unit="months"),
    day("bought_from", _("Bought from"), CAR, _bought_from, about=VEHICLE),
    day("bought_to", _("Bought until"), CAR, _bought_to, about=VEHICLE),
    spans(
        "insurance", _("Insurance ends within"), CAR, _soon("insurance_until"), offered=DAYS, unit="days", about=VEHICLE
    ),
    spans(
        "inspection",
        _("Inspection due within"),
        CAR,
        _soon("inspection_due_on"),
        offered=DAYS,
        unit="days",
        about=VEHICLE,
    ),
    spans(
        "maintenance",
        _("Service due within"),
        CAR,
        _soon("next_maintenance_on"),
        offered=DAYS,
        unit="days",
        about=VEHICLE,
    ),
    spans(
        "warranty", _("Warranty ends within"), CAR, _soon("warranty_until"), offered=DAYS, unit="days", about=VEHICLE
    ),
]
