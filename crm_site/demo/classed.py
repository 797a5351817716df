"""The classes of the demo world: reckoned for the last year's end and today, with reasons and segments."""

from __future__ import annotations

from datetime import date, timedelta

from crm_site.demo.dice import Dice
from crm_site.demo.world import House, World
from customers.actions.defection import note_defection
from customers.actions.segments import create_segment
from customers.actions.years import years_to_reckon
from customers.models import Customer
from customers.rules.defection import REASONS
from revisits import classes

#: how many of those at risk have told why
TELLING = 24
#: name and filters of the segments of every store
SEGMENTS = (
    ("金牌和 A 类，半年没来", "value=gold,a&away=6"),
    ("高潜力、保险 60 天内到期", "potential=high&insurance=60"),
)


def make(world: World) -> None:
    """Class everybody of every store as the nights would have done, and keep some segments."""
    for house in world.houses:
        _reckon(house, date(world.today.year - 1, 12, 31))
        _tell_why(world, house)
        _reckon(house, world.today)
        for name, query in SEGMENTS:
            create_segment(house.store.pk, name=name, query=query, by=house.staff["manager"][0], now=world.now)


def _reckon(house: House, day: date) -> None:
    keys = list(Customer.objects.standing().filter(store=house.store).order_by("pk").values_list("pk", flat=True))
    basis, years = classes.Basis.of(house.store.pk, day), years_to_reckon(house.store.pk, day)
    for start in range(0, len(keys), classes.CHUNK):
        classes.reckon(basis, keys[start : start + classes.CHUNK], years)


def _tell_why(world: World, house: House) -> None:
    """Some of those who stay away have said why."""
    rows = Customer.objects.filter(store=house.store, lifecycle__in=["at_risk", "lost"]).order_by("number", "pk")
    for customer in rows[:TELLING]:
        dice = Dice("leaving", house.store.code, customer.number)
        told_on = world.today - timedelta(days=int(dice.random() * 60))
        reason = REASONS[int(dice.random() * len(REASONS))].code
        by = house.staff["manager"][0]
        note_defection(customer.pk, kind="", reason=reason, told_on=told_on, by=by, today=world.today)
