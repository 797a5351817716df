"""What a customer told at the counter: every fact that was asked for, in one step, with its history."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers.actions import cards, cars, cleaning, numbers, phone_checks, roles
from customers.actions.corrections import Learned
from customers.models import Contact, Correction, Customer, FactCheck, VehicleRole

AT_RECEPTION = Learned(Correction.Source.RECEPTION)
Fact, Outcome = FactCheck.Fact, FactCheck.Outcome


@dataclass(frozen=True)
class Said:
    """What was said of each fact; what is empty was not said. `right` names the facts that are right as they stand."""

    number: str = ""
    address: str = ""
    insurance_until: date | None = None
    driver: str = ""
    right: Collection[str] = field(default_factory=frozenset)
    #: the facts that were asked for and not told
    declined: Collection[str] = field(default_factory=frozenset)
    vehicle_id: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return not (self.number or self.address or self.insurance_until or self.driver or self.right or self.declined)


@transaction.atomic
def said(customer_id: int, told: Said, *, by: Employee, now: datetime) -> None:
    """Write down what a customer said; a fact that was not told is left alone for a while.

    Refuses an empty answer: whoever has nothing to write down says so by “not told”.
    """
    if told.is_empty:
        raise RuleBroken(_("Write what the customer says, or choose “Not told today”."), code="nothing_said")
    on = clock.business_day(now)
    customer = Customer.objects.locked(customer_id)
    if told.number or Fact.PHONE in told.right:
        phone_checks.phone_checked(customer_id, number=told.number or None, by=by, on=on)
        cleaning.asked(customer_id, Fact.PHONE, _outcome(told.number), by=by, on=on)
    if told.address:
        cards.edit_customer(
            customer_id, values={"address": told.address}, seen={}, by=by, now=now, learned=AT_RECEPTION
        )
        cleaning.asked(customer_id, Fact.ADDRESS, Outcome.CORRECTED, by=by, on=on)
    elif Fact.ADDRESS in told.right:
        cleaning.confirm_address(customer_id, by=by, on=on)
    if told.insurance_until and told.vehicle_id:
        values = {"insurance_until": told.insurance_until}
        cars.edit_vehicle(told.vehicle_id, values=values, seen={}, by=by, today=on, learned=AT_RECEPTION)
        cleaning.asked(customer_id, Fact.INSURANCE, Outcome.CORRECTED, by=by, on=on)
    if told.driver and told.vehicle_id:
        _driver(customer, told.driver, told.vehicle_id, by=by, on=on)
        cleaning.asked(customer_id, Fact.DRIVER, Outcome.CORRECTED, by=by, on=on)
    for fact in told.declined:
        cleaning.asked(customer_id, fact, Outcome.DECLINED, by=by, on=on)


def _outcome(corrected: str) -> str:
    return Outcome.CORRECTED if corrected else Outcome.CONFIRMED


def _driver(customer: Customer, name: str, vehicle_id: int, *, by: Employee, on: date) -> None:
    """Who usually drives the car: the contact of this name, who is added where the card has none."""
    contact = customer.contacts.filter(name=name).first()
    if contact is None:
        values = {"name": name, "identity": Contact.Identity.DRIVER}
        contact = numbers.add_contact(customer.pk, values=values, phone="", by=by)
    roles.add_role(
        vehicle_id, customer=customer, role=VehicleRole.Kind.DRIVER, since=on, today=on, by=by, contact=contact
    )
