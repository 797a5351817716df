"""What cleans the archive of the demo world: numbers reached, odd ones, addresses, corrections, and a score."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import OuterRef, Subquery

from crm_site.core import clock
from crm_site.core.dates import add_months
from crm_site.demo.dice import Dice
from crm_site.demo.world import House, World
from customers.actions import cleaning, correcting, corrections, profile
from customers.actions import quality as keeping
from customers.care import quality
from customers.models import Correction, Customer, Phone, Vehicle, VehicleRole
from revisits.models import CallAttempt

#: the telephone of the front desk, which somebody wrote on cards whose own number was not known
DESK_NUMBER = "02368880000"
ON_CARDS, STAFF_CARDS, CORRECTIONS = 6, 3, 12
#: months before this one that have a figure
MONTHS = 5


def make(world: World) -> None:
    """Clean a little in every store."""
    _reached()
    for house in world.houses:
        _odd_numbers(house)
        _addresses(world, house)
        _corrections(world, house)


def score(world: World) -> None:
    """Count how good the archive of every store is: after everything that changes cards, as the night does."""
    for house in world.houses:
        _score(world, house)


def _reached() -> None:
    """Numbers on which calls reached the customer are good."""
    reached = CallAttempt.objects.filter(phone=OuterRef("pk"), result__reached=True, channel="phone")
    last = reached.exclude(result__next_step="next_number").order_by("-called_on").values("called_on")[:1]
    Phone.objects.filter(bad_since=None).update(good_on=Subquery(last))


def _odd_numbers(house: House) -> None:
    """The desk's own number on several cards, and numbers of colleagues on a few."""
    store = house.store
    cards = Customer.objects.filter(store=store, restricted=False).order_by("number")
    Phone.objects.bulk_create(
        Phone(store=store, customer=one, number=DESK_NUMBER, kind=Phone.Kind.HOME, rank=8) for one in cards[:ON_CARDS]
    )
    staff = [one for one in house.everybody() if one.phone][:STAFF_CARDS]
    cards = cards[ON_CARDS : ON_CARDS + len(staff)]
    Phone.objects.bulk_create(
        Phone(store=store, customer=one, number=colleague.phone, rank=9)
        for one, colleague in zip(cards, staff, strict=False)
    )


def _addresses(world: World, house: House) -> None:
    """Most old addresses were confirmed since; from some cards letters came back."""
    by = house.staff["specialist"][0]
    old = Customer.objects.filter(store=house.store, restricted=False, created_at__lt=clock.at(world.first_day, 0))
    keys = list(old.order_by("number").values_list("pk", flat=True))
    confirmed = [pk for place, pk in enumerate(keys) if place % 10 < 8]
    Customer.objects.filter(pk__in=confirmed).update(address_confirmed_on=world.today - timedelta(days=120))
    for pk in keys[9:60:10]:
        cleaning.address_bad(pk, reason="RETURNED", by=by, on=world.today - timedelta(days=6))


def _corrections(world: World, house: House) -> None:
    """Specialists corrected addresses and plates this month."""
    dice = Dice("corrections", house.store.code)
    people = house.staff["specialist"]
    roles = VehicleRole.objects.filter(store=house.store, until=None, vehicle__state=Vehicle.State.ACTIVE)
    roles = roles.filter(customer__restricted=False, role=VehicleRole.Kind.OWNER).exclude(vehicle__plate_no="")
    for place, role in enumerate(
        roles.select_related("customer", "vehicle").order_by("customer__number")[:CORRECTIONS]
    ):
        plate = f"{role.vehicle.plate_no[:-1]}{dice.digits(1)}"
        address = f"{role.customer.address}{dice.randrange(1, 30)}-{dice.randrange(1, 9)}"
        told = (
            correcting.Told(of_card={"address": address})
            if place % 3
            else correcting.Told(vehicle_id=role.vehicle_id, of_car={"plate_no": plate})
        )
        source = Correction.Source.CARD if place % 2 else Correction.Source.RECEPTION
        correcting.correct(
            role.customer_id, told, by=people[place % len(people)], now=world.now, learned=corrections.Learned(source)
        )


def _score(world: World, house: House) -> None:
    """The figures of last night, and of the months before, in which the archive was a little worse each."""
    store_id = house.store.pk
    keys = list(quality.cards([store_id]).order_by("pk").values_list("pk", flat=True))
    profile.refresh_completeness(store_id, keys)
    counts = quality.count(store_id, keys, world.today)
    keeping.keep(store_id, world.today, counts)
    for back in range(1, MONTHS + 1):
        day = add_months(world.today.replace(day=1), 1 - back) - timedelta(days=1)
        before = {key: (good * (100 - 2 * back) // 100, total) for key, (good, total) in counts.items()}
        keeping.keep(store_id, day, {key: counted for key, counted in before.items() if key[0] is None})
