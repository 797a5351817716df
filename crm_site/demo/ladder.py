"""What the first store has set about its complaints, and a day that it closes after they were promised."""

from __future__ import annotations

from datetime import timedelta

from complaints import settings
from complaints.actions import tuning
from crm_site.demo.world import World
from crm_site.worktime import actions as worktime
from crm_site.worktime.models import Covers, DayEntry, DayKind

#: what the store adds to the words that only ask
ASKS = ("漏油", "异味刺鼻")
#: in so many days it counts its stock
STOCKTAKING_IN = 2


def set_phrases(world: World) -> None:
    """The store asks about two words more than the company does."""
    house = world.houses[0]
    store_id, found = house.store.pk, settings.phrases(house.store.pk)
    wanted = found._replace(asks=(*found.asks, *ASKS))
    tuning.save_phrases(store_id, wanted, seen=tuning.mark_of_phrases(store_id), by=house.staff["manager"][0])


def close_for_stocktaking(world: World) -> None:
    """A day is closed after open complaints were promised: they keep their deadlines until a manager looks."""
    house = world.houses[0]
    entry = DayEntry(DayKind.CLOSED, name="盘点", covers=Covers.STORE)
    day = world.today + timedelta(days=STOCKTAKING_IN)
    worktime.add_days({house.store.pk: house.staff["manager"][0]}, day, day, entry)
