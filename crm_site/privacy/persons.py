"""One person's data in every room: who they are, and what settings.PERSONAL_DATA names (shapes in core.persons)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from django.apps import apps
from django.db.models import Q

from crm_site.core import clock, hooks
from crm_site.core.persons import Person, Room, Section, unheard
from customers.models import Customer, Delivery, RepairOrder, VehicleRole

__all__ = ["Person", "Room", "Section", "cards_of", "person_of", "rooms"]

#: shorter numbers lead to too many people
SHORTEST = 6


def rooms() -> list[Room]:
    """Every room that knows persons, in the order of the settings."""
    return hooks.load("PERSONAL_DATA")


def cards_of(customer_id: int) -> tuple[int, ...]:
    """A card and every card that was merged into it, and into those."""
    found, new = {customer_id}, {customer_id}
    while new:
        new = set(Customer.objects.filter(merged_into__in=new).values_list("pk", flat=True)) - found
        found |= new
    return tuple(sorted(found))


def person_of(customer: Customer, *, now: datetime, still: Callable[[], object] = unheard) -> Person:
    """Whose data hang on a card: its cards, cars, numbers and the keys of all rows about them.

    `still` is called before each long step of what is done about them.
    """
    cards = cards_of(customer.pk)
    cars = _cars(cards)
    person = Person(
        store_id=customer.store_id,
        customer_ids=cards,
        vehicle_ids=tuple(sorted(cars)),
        own_vehicle_ids=tuple(sorted(cars - _of_others(cards, cars))),
        today=clock.business_day(now),
        now=now,
        still=still,
    )
    person = replace(person, keys=_keys(person))
    return replace(person, words=tuple(sorted(_words(person), key=len, reverse=True)))


def _cars(cards: tuple[int, ...]) -> set[int]:
    """Every car that one of the cards was ever something to."""
    return {
        pk
        for model in (VehicleRole, Delivery, RepairOrder)
        for pk in model.objects.filter(customer__in=cards).values_list("vehicle_id", flat=True)
    }


def _of_others(cards: tuple[int, ...], cars: set[int]) -> set[int]:
    """Those of the cars that another card was something to as well."""
    others = Q(vehicle__in=cars, customer__isnull=False) & ~Q(customer__in=cards)
    return {
        pk
        for model in (VehicleRole, Delivery, RepairOrder)
        for pk in model.objects.filter(others).values_list("vehicle_id", flat=True)
    }


def _words(person: Person) -> Iterator[str]:
    """The numbers that lead to the person, long enough to lead to nobody else."""
    found = {word.strip() for room in rooms() for word in room.words(person)}
    return (word for word in found if len(word) >= SHORTEST and (any(one.isdigit() for one in word) or "@" in word))


def _keys(person: Person) -> dict[str, tuple[int, ...]]:
    """The keys of every row that hangs on the cards or on the cars of nobody else, by table."""
    keys = {"customers.customer": person.customer_ids, "customers.vehicle": person.own_vehicle_ids}
    for model in apps.get_models():
        paths = [one.name for one in model._meta.concrete_fields if one.related_model is Customer]
        if paths and model is not Customer:
            of_card = Q(pk__in=())
            for path in paths:
                of_card |= Q(**{f"{path}__in": person.customer_ids})
            keys[model._meta.label_lower] = tuple(model._base_manager.filter(of_card).values_list("pk", flat=True))
    return {table: tuple(found) for table, found in keys.items() if found}
