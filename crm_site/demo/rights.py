"""What customers of the demo world asked about their data, and which lists left the house."""

from __future__ import annotations

import uuid
from datetime import timedelta

from crm_site.core import clock, exports
from crm_site.demo.world import House, World
from crm_site.privacy.actions import requests
from crm_site.privacy.models import DataRequest
from customers.models import Customer

Kind = DataRequest.Kind
#: (what, how many days ago, in which words, granted): two wait for a decision, one of them for long
REQUESTS = (
    (Kind.CORRECT, 26, "本人来店，出示身份证：地址早已搬迁，请改正。", False),
    (Kind.ACCESS, 4, "来电后到店，出示行驶证，要一份自己的全部信息。", False),
    (Kind.RESTRICT, 40, "本人来店书面申请，不希望再被联系。", True),
    (Kind.ERASE, 63, "换车后不再来店，书面申请删除全部信息。", True),
)
#: (list, rows, why, in full, days ago)
LISTS = (
    ("customers", 286, "冬季关怀活动短信名单", False, 9),
    ("customers", 812, "厂家召回通知：远岚制动软管", True, 5),
    ("repair_calls", 241, "上月维修客户回访统计表", False, 3),
    ("responses", 37, "与售后部门复盘低分项", False, 1),
)


def make(world: World) -> None:
    """A few requests and a few lines of the log in every store."""
    for house in world.houses:
        _requests(world, house)
        _exports(world, house)


def _requests(world: World, house: House) -> None:
    """Taken by the manager, and decided two days later where they are."""
    manager = house.staff["manager"][0]
    cards = Customer.objects.filter(store=house.store, restricted=False, customer_type="person", complaints=None)
    chosen = list(cards.order_by("number")[100 : 100 + 40 * len(REQUESTS) : 40])
    for customer, (kind, days, words, is_granted) in zip(chosen, REQUESTS, strict=False):
        day = world.today - timedelta(days=days)
        values = {"kind": kind, "words": words, "asked_on": day, "submission": uuid.uuid4()}
        asked = requests.take(customer.pk, **values, by=manager, now=clock.at(day, 10))
        if is_granted:
            decided = clock.at(day + timedelta(days=2), 15)
            requests.grant(asked.pk, reason="身份已核实，按规定办理。", by=manager, now=decided)


def _exports(world: World, house: House) -> None:
    """The log alone; the files are long gone."""
    manager = house.staff["manager"][0]
    for what, rows, reason, in_full, days in LISTS:
        at = clock.at(world.today - timedelta(days=days), 11)
        leaving = exports.Leaving(house.store.pk, what, max(1, int(rows * world.scale)), reason, in_full=in_full)
        exports.leave(manager, leaving, now=at)
