"""Some looks at hidden facts of the last days, by the same action as on a card."""

from __future__ import annotations

from datetime import timedelta

from crm_site.core import clock
from crm_site.demo.dice import Dice
from crm_site.demo.world import World
from customers.actions import reveals
from customers.models import Phone
from customers.rules import looks

#: looks of a store
LOOKS = 8
#: why, and what was written
WHY = ((looks.DIAL, ""), (looks.IDENTIFY, ""), (looks.CORRECT, ""), (looks.OTHER, "客户来店核对预留号码"))


def make(world: World) -> None:
    """Specialists and the manager of each store have looked at a few numbers."""
    for house in world.houses:
        phones = Phone.objects.filter(store=house.store, customer__restricted=False).order_by("pk")[:LOOKS]
        people = [*house.staff["specialist"][:2], house.staff["manager"][0]]
        for number, phone in enumerate(phones):
            dice = Dice("look", phone.number)
            reason, note = dice.choice(WHY)
            at = world.now - timedelta(hours=number * 5 + 1)
            reveals.reveal(
                phone.customer_id, phone.fact, reason=reason, note=note, by=people[number % len(people)], now=at,
                today=clock.business_day(at),
            )  # fmt: skip
