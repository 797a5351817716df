"""转让: a car goes from one owner to another in one step, and the person of the former owner stays behind."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core import clock, names
from crm_site.core.errors import RuleBroken
from customers import rules, search
from customers.actions import bookings, cards, roles
from customers.models import Customer, Phone, RepairOrder, Vehicle, VehicleRole

OWNER = VehicleRole.Kind.OWNER


class NewOwner(NamedTuple):
    """Somebody without a card yet: what they are called, and their number ('' where it is not known)."""

    name: str
    phone: str


@transaction.atomic
def hand_over(
    vehicle_id: int, *, on: date, to: Customer | NewOwner | None, submission: uuid.UUID, by: Employee, now: datetime
) -> Vehicle:
    """Give a car to its next owner as of a day: a card of the store, a new card, or nobody known yet (None).

    Ends every role on the car but the next owner's own, calls off the bookings that others made for it, and gives the
    orders of that day and later that wait for a customer to the next owner. What was agreed or refused stays with the
    people; what is known of the car stays with the car. Calls end by their stop facts. The same said again, by a second
    click, changes nothing. Raises RuleBroken (field day, customer, phone).
    """
    today = clock.business_day(now)
    standing = Vehicle.objects.only("store_id").get(pk=vehicle_id)
    made = _next_owner(standing.store_id, to, submission, by=by, now=now)
    _lock_people(vehicle_id, made)
    vehicle = Vehicle.objects.select_for_update().get(pk=vehicle_id)
    held = list(vehicle.roles.filter(until=None).order_by("pk"))
    owner = next((role for role in held if role.role == OWNER), None)
    if _is_done(vehicle, owner, made, on):
        return vehicle
    if made is not None and owner is not None and owner.customer_id == made.pk:
        if made.submission == submission:
            return vehicle
        raise RuleBroken(_("This customer owns the car already. Choose the new owner."), field="customer")
    _check(vehicle, owner, made, on, today)
    ended = _end(held, made, on)
    if made is not None:
        _begin(vehicle, made, on)
    roles.put_state(vehicle, Vehicle.State.SOLD if made is None else Vehicle.State.ACTIVE)
    bookings.call_off(vehicle.pk, ~Q(customer=made) if made else Q(), by=by, today=today)
    search.refresh({role.customer_id for role in held} | ({made.pk} if made else set()))
    trail.record(by, "vehicle.sold_on", vehicle, day=on, ended=ended, owner=made)
    return vehicle


def _next_owner(
    store_id: int, to: Customer | NewOwner | None, submission: uuid.UUID, *, by: Employee, now: datetime
) -> Customer | None:
    """The card of the next owner, made where there is none."""
    if not isinstance(to, NewOwner):
        return to
    made = Customer.objects.filter(store_id=store_id, submission=submission).first()
    if made is not None:
        return made
    same = same_person(store_id, to)
    if same is not None:
        raise RuleBroken(
            _("There is a card of this name and number already. Choose it under “A customer of ours”."),
            code="known", field="phone",
        )  # fmt: skip
    store = Store.objects.get(pk=store_id)
    return cards.create_customer(store, values={"name": to.name}, phone=to.phone, submission=submission, by=by, now=now)


def same_person(store_id: int, to: NewOwner) -> Customer | None:
    """A standing card of the store with this number and name, if there is one."""
    if not to.phone:
        return None
    on_the_phone = Phone.objects.filter(store_id=store_id, number=to.phone, contact=None).values("customer_id")
    for customer in Customer.objects.standing().filter(pk__in=on_the_phone).order_by("pk"):
        if names.match_key(customer.name) == names.match_key(to.name):
            return customer
    return None


def _lock_people(vehicle_id: int, made: Customer | None) -> None:
    """Customers before the car, in the order of their keys, as every action locks them."""
    people = set(VehicleRole.objects.filter(vehicle_id=vehicle_id, until=None).values_list("customer_id", flat=True))
    people |= {made.pk} if made else set()
    list(Customer.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))


def _is_done(vehicle: Vehicle, owner: VehicleRole | None, made: Customer | None, on: date) -> bool:
    """Whether the car stands as if it had been given away like this already."""
    if owner is not None:
        return made is not None and owner.customer_id == made.pk and owner.since == on
    last = vehicle.roles.filter(role=OWNER).order_by("-until").first()
    is_gone = made is None and vehicle.state == Vehicle.State.SOLD
    return is_gone and last is not None and last.until == rules.last_day_before(on, last.since)


def _check(vehicle: Vehicle, owner: VehicleRole | None, made: Customer | None, on: date, today: date) -> None:
    if made is not None and (made.store_id != vehicle.store_id or made.merged_into_id is not None):
        raise RuleBroken(_("Choose one of the entries offered here."), field="customer")
    if vehicle.state == Vehicle.State.SCRAPPED:
        raise RuleBroken(_("This car was scrapped. Mark it as in use first if that was wrong."), field="day")
    if on > today:
        raise RuleBroken(_("This day lies ahead. Choose the day on which the car changed hands."), field="day")
    if owner is not None and owner.since and on < owner.since:
        text = _("The present owner has had the car since %(day)s. Choose a later day.")
        raise RuleBroken(text % {"day": owner.since.isoformat()}, code="owner_not_later", field="day")
    last = vehicle.roles.filter(role=OWNER, until__gte=on).order_by("-until").first() if made else None
    if last is not None and last.until is not None:
        text = _("Somebody else owned the car until %(day)s. Choose a later day.")
        raise RuleBroken(text % {"day": last.until.isoformat()}, code="owner_not_later", field="day")
    if owner is None and made is None:
        raise RuleBroken(_("Nobody owns this car now, so there is nothing to end. Name the new owner."), field="to")


def _end(held: Iterable[VehicleRole], made: Customer | None, on: date) -> int:
    """End the roles of everybody but the next owner; who drove the car of the former one drives no longer."""
    going = [role for role in held if role.role == OWNER or made is None or role.customer_id != made.pk]
    roles.end_all(going, on)
    return len(going)


def _begin(vehicle: Vehicle, made: Customer, on: date) -> None:
    VehicleRole.objects.create(store_id=vehicle.store_id, vehicle=vehicle, customer=made, role=OWNER, since=on)
    # an earlier visit without a customer was the former owner's, whoever that was
    RepairOrder.objects.filter(vehicle=vehicle, customer=None, checked_in_on__gte=on).update(customer=made)
