"""One step that corrects what a call or a visit taught: card, car and number together, or nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from crm_site.accounts.models import Employee
from crm_site.core import clock
from customers.actions import cards, cars, editing, numbers
from customers.actions.corrections import ON_CARD, Learned
from customers.models import Customer


@dataclass(frozen=True)
class Told:
    """What a customer told: new facts of the card and of one car, and a number."""

    of_card: Mapping[str, Any] = field(default_factory=dict)
    vehicle_id: int | None = None
    of_car: Mapping[str, Any] = field(default_factory=dict)
    number: str = ""
    #: the number that it replaces; None: it is added, and dialled first
    instead_of: int | None = None
    #: the text that each field had shown
    seen: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was told."""
        return not (self.of_card or self.of_car or self.number)


@transaction.atomic
def correct(customer_id: int, told: Told, *, by: Employee, now: datetime, learned: Learned = ON_CARD) -> None:
    """Write what was told at once, with its history; the trail names the fields and the call that taught them.

    Raises editing.Overlap where somebody else has changed one of the facts since, RuleBroken for a number that the
    card has already; then nothing is written.
    """
    Customer.objects.locked(customer_id)
    with editing.together() as parts:
        parts.of(lambda: _card(customer_id, told, by=by, now=now, learned=learned))
        parts.of(lambda: _car(told, by=by, now=now, learned=learned))
    if told.number:
        _number(customer_id, told, by=by, now=now, learned=learned)


def _card(customer_id: int, told: Told, *, by: Employee, now: datetime, learned: Learned) -> list[str]:
    if told.of_card:
        cards.edit_customer(customer_id, values=told.of_card, seen=told.seen, by=by, now=now, learned=learned)
    return list(told.of_card)


def _car(told: Told, *, by: Employee, now: datetime, learned: Learned) -> list[str]:
    if told.of_car and told.vehicle_id:
        day = clock.business_day(now)
        cars.edit_vehicle(told.vehicle_id, values=told.of_car, seen=told.seen, by=by, today=day, learned=learned)
    return list(told.of_car)


def _number(customer_id: int, told: Told, *, by: Employee, now: datetime, learned: Learned) -> None:
    """The number as the customer says it; it was confirmed on the day."""
    if told.instead_of:
        phone = numbers.edit_phone(
            told.instead_of, values={"number": told.number}, seen={}, first=False, by=by, learned=learned
        )
    else:
        phone = numbers.add_phone(customer_id, number=told.number, first=True, by=by, learned=learned)
    phone.good_on = clock.business_day(now)
    phone.save(update_fields=["good_on"])
