"""The desk as a team: customers who stay away and are given to people, one absence, one hand-over, one permission."""

from __future__ import annotations

import uuid
from datetime import timedelta

from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.demo.dice import Dice
from crm_site.demo.world import House, World
from crm_site.jobs.models import Job
from crm_site.jobs.models import State as JobState
from crm_site.worktime.actions import enter_absence
from customers.models import Delivery
from revisits import actions
from revisits.actions.ahead import KIND, look_ahead
from revisits.models import CALLABLE_STATES, HandOver, Revisit

#: cars of a store that were bought a year ago and have not come since, at most
STAYED_AWAY = 12
#: of these, how many calls the manager has given to somebody
GIVEN = 5


def stayed_away(world: World) -> None:
    """Some cars without any visit were bought here a year and some days ago: they are to be won back now."""
    for house in world.houses:
        silent = [car for car in house.cars if car.delivery is None and not car.orders][:STAYED_AWAY]
        for number, car in enumerate(silent):
            dice = Dice("stayed away", car.vehicle.vin)
            seller = dice.choice(house.staff["sales_consultant"])
            bought = world.today - timedelta(days=365 + number % 5)
            Delivery.objects.create(
                store=house.store, vehicle=car.vehicle, customer=car.owner, delivered_on=bought, recorded_on=bought,
                historical=True, sales_consultant=seller, sales_consultant_name=seller.name,
            )  # fmt: skip


def make(world: World) -> None:
    """What the managers did with the pool, by the same actions as on their pages; and the look ahead of last night."""
    large, small = world.houses[0], world.houses[-1]
    _give(world, large)
    _leave(world, large)
    if len(world.houses) > 1:
        _allow(world, small)
    for house in world.houses:
        _look_ahead(world, house)


def _manager(house: House) -> Employee:
    return house.staff["manager"][0]


def _give(world: World, house: House) -> None:
    """The manager has given some of the lost customers to two specialists."""
    lost = Revisit.objects.filter(store=house.store, rule__code="LOST_12M", state__in=CALLABLE_STATES, assigned_to=None)
    ids = list(lost.order_by("pk").values_list("pk", flat=True)[:GIVEN])
    taker, other = house.staff["specialist"][2], house.staff["specialist"][-1]
    actions.assign(ids[:2], to=taker, by=_manager(house), now=world.now)
    actions.assign(ids[2:], to=other, by=_manager(house), now=world.now)


def _leave(world: World, house: House) -> None:
    """A specialist is on leave since yesterday; what waited for her went to a colleague."""
    *colleagues, away = house.staff["specialist"]
    manager, first = _manager(house), world.today - timedelta(days=1)
    enter_absence(
        away.pk, kind="leave", first=first, last=world.today + timedelta(days=3), note="年假", by=manager, now=world.now
    )
    hers = Revisit.objects.open().filter(assigned_to=away).order_by("pk")
    ids = list(hers.values_list("pk", flat=True)[:2])
    if ids:
        actions.hand_over(
            away, colleagues[-1:], ids, why=HandOver.Why.LEAVE, by=manager, now=world.now,
            submission=uuid.uuid5(uuid.NAMESPACE_OID, f"demo {house.store.code}"),
        )  # fmt: skip


def _allow(world: World, house: House) -> None:
    """In the small store one specialist is ill; the other one, who helped to hand over a car, may ask about it."""
    here, *ill = house.staff["specialist"]
    for person in ill:
        enter_absence(
            person.pk, kind="ill", first=world.today, last=world.today, note="", by=_manager(house), now=world.now
        )
    asked = Revisit.objects.filter(store=house.store, rule__code="DLV_D3", state__in=CALLABLE_STATES, claimed_by=None)
    call = asked.filter(promised_by=None, questionnaire_version__isnull=False).order_by("-due_on", "pk").first()
    if call is None:
        return
    Delivery.objects.filter(pk=call.delivery_id).update(delivery_specialist=here, delivery_specialist_name=here.name)
    reason = "另一位专员今天病假，客户约好今天回访"
    actions.allow(call.pk, to=here, reason=reason, by=_manager(house), now=world.now)


def _look_ahead(world: World, house: House) -> None:
    """The job of last night that looked a week ahead."""
    night = min(clock.at(world.today, 0, 6), world.now)
    Job.objects.create(
        store=house.store, kind=KIND, key=f"{house.store.pk}:{world.today}", state=JobState.DONE, attempts=1,
        payload={"store": house.store.pk, "day": world.today.isoformat()}, created_at=night, due_at=night,
        sent_at=night, started_at=night, ended_at=night + timedelta(seconds=2),
        result=look_ahead(house.store.pk, world.today),
    )  # fmt: skip
