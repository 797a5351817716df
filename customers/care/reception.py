"""Who is in the house or expected today, and which of their facts are to be asked for at the counter."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils.translation import gettext as _

from crm_site.accounts import policy
from crm_site.core import paging
from customers.care import addresses
from customers.models import Booking, Customer, CustomerType, OrderState, Phone, RepairOrder, VehicleRole
from customers.rules import addresses as address_rules
from customers.rules import reception as rules
from customers.rules.bookings import STANDING

CAPABILITY = "customers.phone_checks"
#: customers in the house at once, of whom a list shows at most so many
MOST_HERE = 200


@dataclass
class Visitor:
    """One customer of today with what is to be asked, about which car, and why they are expected."""

    customer: Any
    why: str
    car: Any = None
    phone: Phone | None = None
    facts: list[str] = field(default_factory=list)


def visits(user: Any, today: date) -> dict[int, str]:
    """The cars that are in the workshop now, came today, or are booked for today: {car: what in words}."""
    stores = policy.stores_allowing(user, CAPABILITY)
    booked = Booking.objects.filter(store_id__in=stores, wanted_on=today, state__in=STANDING)
    found = dict.fromkeys(booked.values_list("vehicle_id", flat=True), _("booked for today"))
    orders = RepairOrder.objects.filter(store_id__in=stores).exclude(state=OrderState.VOID)
    open_or_new = orders.filter(Q(state=OrderState.OPEN) | Q(checked_in_on=today))
    return found | dict.fromkeys(open_or_new.values_list("vehicle_id", flat=True), _("here now"))


def has_one_of(cars: dict[int, str]) -> Exists:
    """The condition that a customer has to do with one of these cars now."""
    roles = VehicleRole.objects.filter(customer=OuterRef("pk"), until=None, vehicle_id__in=list(cars))
    return Exists(roles)


def to_ask(user: Any, today: date, only: int | None = None) -> list[Visitor]:
    """The customers of today of whom something is to be asked, those here first; six queries for any number.

    `only` names one customer.
    """
    cars = visits(user, today)
    rows = Customer.objects.visible_to(user).filter(store_id__in=policy.stores_allowing(user, CAPABILITY))
    rows = rows.filter(has_one_of(cars), anonymised_on=None)
    rows = rows.filter(pk=only) if only else rows
    found = [_visitor(customer, cars, today) for customer in _with_all(rows.order_by("pk")[:MOST_HERE])]
    asked = [one for one in found if one.facts]
    return sorted(asked, key=lambda one: (one.why != _("here now"), one.customer.pk))


def count(user: Any, today: date) -> paging.Count:
    """How many customers of today have something to be asked, for the hub and the tab."""
    return paging.Count(len(to_ask(user, today)))


def _with_all(rows: Any) -> Any:
    roles = VehicleRole.objects.filter(until=None, contact=None).select_related("vehicle").order_by("pk")
    return rows.select_related("store").prefetch_related(
        Prefetch("phones", queryset=Phone.objects.order_by("rank", "pk"), to_attr="known_phones"),
        Prefetch("vehicle_roles", queryset=roles, to_attr="present_roles"),
        Prefetch("fact_checks", to_attr="known_checks"),
        Prefetch(
            "present_roles__vehicle__roles",
            queryset=VehicleRole.objects.filter(until=None, role=VehicleRole.Kind.DRIVER),
            to_attr="drivers",
        ),
    )


def _visitor(customer: Any, cars: dict[int, str], today: date) -> Visitor:
    car = next((role.vehicle for role in customer.present_roles if role.vehicle_id in cars), None)
    visitor = Visitor(customer, cars.get(car.pk, "") if car else "", car, next(iter(customer.known_phones), None))
    done = {check.fact: check.done_on for check in customer.known_checks if check.done_on}
    lately = {fact for fact, day in done.items() if day > today - timedelta(days=rules.ASK_AGAIN_DAYS)}
    since = customer.check_phone_since
    if since and since > done.get(rules.PHONE, date.min):
        lately.discard(rules.PHONE)  # a call found the number bad after it was asked for
    wished = {check.fact for check in customer.known_checks if check.done_on is None}
    today_asked = sum(day == today for day in done.values())
    visitor.facts = rules.to_ask(wished | _lacking(customer, car, today), lately, today_asked)
    return visitor


def _lacking(customer: Any, car: Any, today: date) -> set[str]:
    """The facts that cannot be trusted or are not there."""
    found = set()
    if customer.check_phone_since or all(phone.bad_since for phone in customer.known_phones):
        found.add(rules.PHONE)
    if addresses.state_of(customer, today) != address_rules.FRESH:
        found.add(rules.ADDRESS)
    if car is not None and (car.insurance_until is None or car.insurance_until < today):
        found.add(rules.INSURANCE)
    if car is not None and customer.customer_type == CustomerType.ORG and not car.drivers:
        found.add(rules.DRIVER)
    return found


def numbers_waiting(user: Any, _today: date) -> paging.Count:
    """How many cards wait for their number to be checked, here today or not, for the hub."""
    stores = policy.stores_allowing(user, CAPABILITY)
    rows = Customer.objects.visible_to(user).filter(store_id__in=stores, check_phone_since__isnull=False)
    return paging.capped_count(rows)
