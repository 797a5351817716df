"""Visits to the workshop that customers ask for: asking, confirming, and what became of them."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers.models import Booking, Customer, Vehicle
from customers.rules import bookings as rules

State = Booking.State


@transaction.atomic
def ask(
    vehicle_id: int, *, wanted_on: date, by: Employee, now: datetime, submission: uuid.UUID,
    customer_id: int | None = None, wanted_at: time | None = None, what: str = "",
) -> Booking:  # fmt: skip
    """Note that a customer wants to bring a car on a day; `customer_id` is whoever asked, if we know.

    The same submission again gives the booking that it made. A car that is expected on that day already keeps its one
    booking, which takes over the new time and words. Raises RuleBroken (field "wanted_on") for a day in the past or
    more than a year ahead, (field "vehicle") for a car that is not in use, or not in the customer's store.
    """
    vehicle = Vehicle.objects.select_for_update().get(pk=vehicle_id)
    made = Booking.objects.filter(store_id=vehicle.store_id, submission=submission).first()
    if made is not None:
        return made
    _check(vehicle, customer_id, wanted_on, clock.business_day(now))
    standing = vehicle.bookings.filter(wanted_on=wanted_on, state__in=rules.STANDING).first()
    if standing is not None:
        return _say_again(standing, wanted_at, what, by)
    booking = Booking.objects.create(
        store_id=vehicle.store_id, vehicle=vehicle, customer_id=customer_id, wanted_on=wanted_on, wanted_at=wanted_at,
        what=what.strip()[:200], asked_by=by, created_at=now, submission=submission,
    )  # fmt: skip
    trail.record(by, "booking.asked", booking, vehicle=vehicle.pk, wanted_on=wanted_on)
    return booking


def _check(vehicle: Vehicle, customer_id: int | None, wanted_on: date, today: date) -> None:
    if not rules.is_bookable(wanted_on, today):
        raise RuleBroken(_("Choose a day from today on, at most a year ahead."), code="booking_day", field="wanted_on")
    if vehicle.state != Vehicle.State.ACTIVE:
        raise RuleBroken(
            _("This car is no longer in use here. Check it on the card first."), code="booking_car", field="vehicle"
        )
    if customer_id and not Customer.objects.filter(pk=customer_id, store_id=vehicle.store_id).exists():
        raise RuleBroken(_("Choose one of the entries offered here."), field="vehicle")


def _say_again(booking: Booking, wanted_at: time | None, what: str, by: Employee) -> Booking:
    """The customer names the day once more: a new time or new words take the place of the old ones."""
    said = {"wanted_at": wanted_at or booking.wanted_at, "what": what.strip()[:200] or booking.what}
    changed = [name for name, value in said.items() if getattr(booking, name) != value]
    if changed:
        for name in changed:
            setattr(booking, name, said[name])
        booking.version += 1
        booking.save(update_fields=[*changed, "version"])
        trail.record(by, "booking.changed", booking, fields=changed)
    return booking


def confirm(booking_id: int, *, by: Employee, today: date) -> Booking:
    """The workshop has promised the day."""
    return _put(booking_id, State.CONFIRMED, by=by, today=today)


def came(booking_id: int, *, by: Employee, today: date) -> Booking:
    """The car was brought; an order of that day says so by itself (customers.actions.follow)."""
    return _put(booking_id, State.CAME, by=by, today=today)


def missed(booking_id: int, *, by: Employee, today: date) -> Booking:
    """Nobody came, which can be said from the day after on."""
    return _put(booking_id, State.MISSED, by=by, today=today)


def cancel(booking_id: int, *, by: Employee, today: date) -> Booking:
    """The customer does not want to come after all."""
    return _put(booking_id, State.CANCELLED, by=by, today=today)


def call_off(vehicle_id: int, whose: Q, *, by: Employee, today: date) -> None:
    """Cancel the bookings ahead of somebody who will not bring the car any more: its owner has changed."""
    coming = Booking.objects.filter(whose, vehicle_id=vehicle_id, state__in=rules.STANDING, wanted_on__gte=today)
    for pk in coming.order_by("pk").values_list("pk", flat=True):
        cancel(pk, by=by, today=today)


#: what a person may say of a booking
STEPS = {State.CONFIRMED: confirm, State.CAME: came, State.MISSED: missed, State.CANCELLED: cancel}


@transaction.atomic
def _put(booking_id: int, to: str, *, by: Employee, today: date) -> Booking:
    """Put a booking into another state; the same said twice is said once. Raises RuleBroken where it may not go."""
    booking = Booking.objects.select_for_update().get(pk=booking_id)
    if booking.state == to:
        return booking
    if not rules.may_go(booking.state, to, booking.wanted_on, today):
        raise RuleBroken(_refusal(booking, to), code="booking_state")
    before, booking.state = booking.state, to
    booking.version += 1
    booking.save(update_fields=["state", "version"])
    trail.record(by, "booking.state_changed", booking, state=(before, to))
    return booking


def _refusal(booking: Booking, to: str) -> str:
    if to == State.MISSED and booking.state in rules.STANDING:
        return _("The day is not over yet. Whoever does not come can be noted from tomorrow on.")
    return _("This booking stands as “%(state)s” already. Open the list again.") % {
        "state": booking.get_state_display()
    }
