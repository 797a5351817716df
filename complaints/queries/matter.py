"""What came before and after on the matter of a ticket: the repeat key of domain 6.2 as conditions of queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull

from complaints import settings
from complaints.models import Complaint, Kind, State, Validity
from complaints.queries.desk import Rows


def on_the_matter() -> tuple[Rows, Rows]:
    """The other complaints on the repeat key of an outer ticket: by its car, else by its customer (domain 6.2).

    Categories are the same by their code, be it the company's row or a store's own. Two lookups of one index each,
    rather than one with OR.
    """
    top = Coalesce(OuterRef("category__parent__code"), OuterRef("category__code"))
    rows = Complaint.objects.filter(store_id=OuterRef("store_id"), kind=Kind.COMPLAINT).order_by()
    rows = rows.exclude(state=State.MERGED).exclude(validity=Validity.INVALID).exclude(pk=OuterRef("pk"))
    rows = rows.annotate(top=Coalesce("category__parent__code", "category__code")).filter(top=top)
    without_car = rows.filter(IsNull(OuterRef("vehicle_id"), True), vehicle=None)
    return rows.filter(vehicle_id=OuterRef("vehicle_id")), without_car.filter(customer_id=OuterRef("customer_id"))


def has_predecessor() -> Any:
    """Whether a ticket follows a valid complaint on the matter within its store's days of repeats (domain 6.2).

    The stores that have set other days than the company's are read once, and asked for by name.
    """
    found = Q(pk__in=())
    for days, those in days_of_stores():
        car, customer = before(days)
        found |= (Q(Exists(car)) | Q(Exists(customer))) & those
    return found


def days_of_stores() -> list[tuple[int, Q]]:
    """(days of repeats, the stores that have them): the company's first, then what stores have set otherwise."""
    usual, apart = settings.of(None).repeat_days, settings.repeat_days()
    others = {days: stores for days, stores in apart.items() if days != usual}
    rest = ~Q(store_id__in=[pk for stores in others.values() for pk in stores]) if others else Q()
    return [(usual, rest), *((days, Q(store_id__in=stores)) for days, stores in others.items())]


def before(days: int) -> list[Rows]:
    """The complaints on the matter of an outer ticket that came at most so many days before it."""
    since = moved("received_at", -days)
    return [rows.filter(received_at__gte=since, received_at__lte=OuterRef("received_at")) for rows in on_the_matter()]


def moved(name: str, days: int) -> ExpressionWrapper:
    """A moment of the outer ticket, so many days later."""
    return ExpressionWrapper(OuterRef(name) + timedelta(days=days), output_field=DateTimeField())
