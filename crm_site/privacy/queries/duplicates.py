"""Cards of one store that may be one customer: looked for by what they share, never each with each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from django.db.models import Count, Q, QuerySet

from crm_site.accounts import policy
from crm_site.core import paging
from crm_site.privacy.models import DuplicatePair, Merge
from crm_site.privacy.rules import duplicates as rules
from crm_site.privacy.rules.duplicates import Pair, Person, Reason
from customers.models import Phone, ProfileValue, Vehicle, VehicleRole

CAPABILITY = "customers.merge"
#: the code of the identity number among the facts of a card
IDENTITY = "identity_no"

#: of a row that hangs on a card: the card stands for somebody
_STANDING = Q(customer__merged_into=None, customer__anonymised_on=None)
#: rows of (what is shared, card, name), equal ones together
Rows = QuerySet[Any]


def found_in(store_id: int) -> dict[Pair, set[str]]:
    """{(lower key, higher key): what the two cards share}. A few queries for any number of customers."""
    found: dict[Pair, set[str]] = {}
    steps: list[tuple[Reason, Rows, Callable[[list[Person]], Iterable[tuple[Person, Person]]]]] = [
        (Reason.IDENTITY, _of_identity(store_id), rules.everybody),
        (Reason.PHONE, _of_phones(store_id), rules.everybody),
        (Reason.VIN, _of_cars(store_id), rules.alike),
        (Reason.PLATE, _of_plates(store_id), rules.alike),
    ]
    for reason, rows, two_of in steps:
        for people in _groups(rows):
            for one, other in two_of(people):
                reasons = found.setdefault((one[0], other[0]), set())
                reasons.add(reason)
                if likeness := rules.likeness(one[1], other[1]):
                    reasons.add(likeness)
    return found


def _groups(rows: Rows) -> Iterator[list[Person]]:
    """Whoever shares one thing."""
    for _shared, some in groupby(rows.iterator(chunk_size=5000), key=lambda row: row[0]):
        people = list(dict.fromkeys((row[1], row[2]) for row in some))
        if len(people) > 1:
            yield people


def _of_phones(store_id: int) -> Rows:
    """Customers' own numbers on two or more cards, as far as a family reaches."""
    own = Phone.objects.filter(_STANDING, store_id=store_id, contact=None)
    shared = own.order_by().values("number").annotate(cards=Count("pk")).filter(cards__range=(2, rules.FAMILY))
    rows = own.filter(number__in=shared.values("number"))
    return rows.order_by("number", "customer_id").values_list("number", "customer_id", "customer__name")


def _of_identity(store_id: int) -> Rows:
    own = ProfileValue.objects.filter(_STANDING, store_id=store_id, field=IDENTITY)
    shared = own.order_by().values("value").annotate(cards=Count("pk")).filter(cards__range=(2, rules.FAMILY))
    rows = own.filter(value__in=shared.values("value"))
    return rows.order_by("value", "customer_id").values_list("value", "customer_id", "customer__name")


def _of_cars(store_id: int) -> Rows:
    """Whoever has or had something to do with one car."""
    own = VehicleRole.objects.filter(_STANDING, store_id=store_id, contact=None)
    shared = own.order_by().values("vehicle_id").annotate(cards=Count("customer_id", distinct=True)).filter(cards__gt=1)
    rows = own.filter(vehicle_id__in=shared.values("vehicle_id"))
    return rows.order_by("vehicle_id", "customer_id").values_list("vehicle_id", "customer_id", "customer__name")


def _of_plates(store_id: int) -> Rows:
    """Whoever has or had something to do with cars of one plate: the same car, entered twice."""
    cars = Vehicle.objects.filter(store_id=store_id).exclude(plate_no="").order_by()
    shared = cars.values("plate_no").annotate(cars=Count("pk")).filter(cars__gt=1)
    rows = VehicleRole.objects.filter(
        _STANDING, store_id=store_id, contact=None, vehicle__plate_no__in=shared.values("plate_no")
    )
    ordered = rows.order_by("vehicle__plate_no", "customer_id")
    return ordered.values_list("vehicle__plate_no", "customer_id", "customer__name")


# ---- what people see -------------------------------------------------------------------------------------------------


def pairs_for(user: Any, *, state: str = DuplicatePair.State.OPEN, reason: str = "") -> QuerySet[DuplicatePair]:
    """The pairs that this user may decide about: of restricted cards only where these are seen."""
    rows = DuplicatePair.objects.visible_to(user).filter(
        store_id__in=policy.stores_allowing(user, CAPABILITY), state=state
    )
    hidden = Q(one__restricted=True) | Q(other__restricted=True)
    rows = rows.exclude(hidden & ~Q(store_id__in=policy.stores_allowing(user, "customers.restrict")))
    return rows.filter(**{"reasons__icontains": f'"{reason}"'}) if reason else rows


def count(user: Any, _today: Any) -> paging.Count:
    """How many pairs wait, for the hub."""
    return paging.capped_count(pairs_for(user))


def merges_for(user: Any) -> QuerySet[Merge]:
    """The merges of the stores in which this user may merge."""
    rows = Merge.objects.visible_to(user).filter(store_id__in=policy.stores_allowing(user, CAPABILITY))
    return rows.select_related("survivor", "merged", "by", "undone_by", "store")
