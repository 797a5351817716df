"""What hangs on visits in the demo world: dates on cars, told mileages, bookings, and numbers to be checked."""

from __future__ import annotations

from datetime import time, timedelta

from crm_site.core import clock
from crm_site.core.i18n import gettext_noop
from crm_site.demo.dice import Dice
from crm_site.demo.world import Car, House, World
from customers.actions import from_calls, phone_checks
from customers.actions.follow import follow
from customers.models import Booking, MileageReading, OrderState, Phone

#: cars whose dates are reckoned in one go
BATCH = 500
#: one of so many cars has told its mileage in a call
TELLS_EVERY = 25
#: (days from today, state, hour, what for); those of the past stand as they were settled, one was forgotten
BOOKINGS = (
    (-3, Booking.State.CAME, 9, "定期保养"),
    (-2, Booking.State.MISSED, 14, "定期保养"),
    (-1, Booking.State.ASKED, 10, "首次保养"),
    (0, Booking.State.CONFIRMED, 9, "更换前刹车片"),
    (0, Booking.State.ASKED, 15, "定期保养，顺带检查空调异味"),
    (1, Booking.State.CONFIRMED, 10, "首次保养"),
    (2, Booking.State.ASKED, None, "定期保养"),
    (5, Booking.State.ASKED, 11, "过减速带有异响"),
)


def make(world: World) -> None:
    """Everything, in every store; the facts of the year are written already."""
    for house in world.houses:
        _mileages(world, house)
        _refresh(house)
        _bookings(world, house)
        _phone_checks(world, house)
    world.say(gettext_noop("dates on cars, bookings, numbers to check"))


def _refresh(house: House) -> None:
    ids = [car.vehicle.pk for car in house.cars]
    for start in range(0, len(ids), BATCH):
        follow(house.store.pk, ids[start : start + BATCH])


def _mileages(world: World, house: House) -> None:
    """Some customers have told in a call how far their car has gone since it was bought."""
    told = []
    for number, car in enumerate(house.cars):
        asked_on = car.vehicle.purchased_on + timedelta(days=90)
        if number % TELLS_EVERY or car.orders or car.delivery is None or asked_on >= world.today:
            continue
        km = Dice("told", house.store.code, number).randrange(20, 60) * 90
        by = house.staff["specialist"][0]
        told.append(MileageReading(store=house.store, vehicle=car.vehicle, read_on=asked_on, km=km, told_by=by))
    MileageReading.objects.bulk_create(told)


def _bookings(world: World, house: House) -> None:
    """Visits of this week, asked for in calls of the days before, by cars that are not in the workshop."""
    free = [car for car in house.cars if car.vehicle.plate_no and not _is_in(car) and not car.owner.restricted]
    chosen = Dice("booked", house.store.code).sample(free, min(len(free), len(BOOKINGS)))
    made = []
    for (days, state, hour, what), car in zip(BOOKINGS, chosen, strict=False):
        asked_on = world.today + timedelta(days=min(days, 0) - 2)
        made.append(
            Booking(
                store=house.store, vehicle=car.vehicle, customer=car.owner, state=state, what=what,
                wanted_on=world.today + timedelta(days=days), wanted_at=time(hour, 30) if hour else None,
                asked_by=house.staff["specialist"][days % 2], created_at=clock.at(asked_on, 11, 20),
            )
        )  # fmt: skip
    Booking.objects.bulk_create(made)


def _phone_checks(world: World, house: House) -> None:
    """Two customers whom calls did not reach: one whose number is vacant, one who is in the workshop today."""
    by, since = house.staff["specialist"][0], world.today - timedelta(days=6)
    reachable = [car for car in house.cars if not car.owner.restricted]
    here = next((car for car in reversed(reachable) if _is_in(car)), None)
    if here is not None:
        phone_checks.ask_phone_check(here.owner.pk, reason="NO_ANSWER", by=by, on=since)
    away = next((car for car in reachable if not car.orders and car.owner is not (here and here.owner)), None)
    if away is not None:
        for phone in Phone.objects.filter(customer=away.owner):
            from_calls.mark_phone_bad(phone.pk, reason="VACANT", by=by, on=since)
        phone_checks.ask_phone_check(away.owner.pk, reason="VACANT", by=by, on=since)


def _is_in(car: Car) -> bool:
    """Whether the car is in the workshop now."""
    return bool(car.orders) and car.orders[-1].state == OrderState.OPEN
