"""Cards that are there already with a number or a car that somebody is entering: shown masked, in one's own stores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_site.core import phones, plates, vins
from crm_site.core.names import surname
from customers import probing
from customers.models import Customer, Phone, VehicleRole

#: cards that are named; a shared number stands on dozens
MOST = 5
#: signs from which on a plate is looked up
MIN_PLATE = 6
VIN_SIGNS = 17

PHONE, CAR = "phone", "car"
WHY: dict[str, str | Promise] = {
    PHONE: _("has this number"),
    CAR: _("has to do with this car"),
}


@dataclass(frozen=True)
class Alike:
    """A card that may be meant: whose it is in part, and what speaks for it."""

    customer_id: int
    name: str
    phone: str
    car: str
    why: str | Promise


def masked_name(name: str) -> str:
    """The surname alone, 周**; of a name that is no Chinese person's the first two signs."""
    return f"{surname(name) or name[:2]}**"


def look(user: Any, typed: Mapping[str, str], *, but: int | None = None) -> list[Alike]:
    """The cards of the user's stores with what was typed as "phone", "vin" or "plate_no"; `but` is the card at hand.

    Nothing while the number or the VIN is not whole yet. A fixed number of queries.
    """
    found: dict[int, str] = {}
    cards = Customer.objects.visible_to(user).exclude(pk=but)
    number = phones.first(typed.get("phone", ""))
    if number:
        probing.count(user.pk)  # whoever tries number after number is told of (privacy.watching)
        own = Phone.objects.visible_to(user).filter(number=number, customer__in=cards).order_by("customer_id")
        found = dict.fromkeys(own.values_list("customer_id", flat=True).distinct()[:MOST], PHONE)
    for customer_id in _of_car(user, typed, cards):
        found.setdefault(customer_id, CAR)
    return _described(cards.filter(pk__in=list(found)[:MOST]), found, number)


def _of_car(user: Any, typed: Mapping[str, str], cards: Any) -> Iterable[int]:
    vin = vins.normalise(typed.get("vin", ""))
    plate = plates.normalise(typed.get("plate_no", ""))
    meant = Q(vehicle__vin=vin) if len(vin) == VIN_SIGNS else Q(pk__in=())
    if len(plate) >= MIN_PLATE:
        meant |= Q(vehicle__plate_no=plate)
    if not meant:
        return ()
    roles = VehicleRole.objects.visible_to(user).filter(meant, contact=None, until=None, customer__in=cards)
    return roles.order_by("customer_id").values_list("customer_id", flat=True).distinct()[:MOST]


def _described(cards: Any, found: Mapping[int, str], number: str) -> list[Alike]:
    first: dict[int, str] = {}
    for customer_id, digits in (
        Phone.objects.filter(customer__in=cards, contact=None)
        .order_by("rank", "pk")
        .values_list("customer_id", "number")
    ):
        first[customer_id] = number if digits == number else first.get(customer_id, digits)
    cars: dict[int, str] = {}
    for role in VehicleRole.objects.filter(customer__in=cards, until=None).select_related("vehicle").order_by("pk"):
        car = role.vehicle
        cars.setdefault(
            role.customer_id, " ".join(filter(None, (car.plate_no or vins.mask(car.vin or ""), car.series)))
        )
    return [
        Alike(
            card.pk,
            masked_name(card.name),
            phones.mask(first.get(card.pk, "")),
            cars.get(card.pk, ""),
            WHY[found[card.pk]],
        )
        for card in cards.order_by("pk")
    ]
