"""What the cards of the demo world tell beside their columns: some groups filled, an own field, one card of a firm."""

from __future__ import annotations

from crm_site.demo.dice import Dice
from crm_site.demo.world import House, World
from customers.actions import fields
from customers.models import Customer, ProfileValue

#: field -> what cards may say there, and how many of them do
OF_PERSONS: dict[str, tuple[tuple[str, ...], float]] = {
    "preferred_channel": (("phone", "phone", "wechat"), 0.7),
    "cars_bought": (("1", "1", "2", "3"), 0.4),
    "next_car_plan": (("half", "year", "later", "none", "none"), 0.25),
    "cares_for": (("price", "safety", "saving", "service"), 0.3),
    "home_charging": (("yes", "no"), 0.3),
    "manner": (("brief", "detailed", "warm"), 0.2),
    "pets": (("两只猫", "一只金毛", "没有"), 0.1),
    "referrals": (("0", "1", "2"), 0.15),
    "children": (("一个女儿，上小学", "两个孩子", "一个儿子，刚满三岁"), 0.1),
}
OF_FIRMS: dict[str, tuple[tuple[str, ...], float]] = {
    "org_type": (("private", "private", "state", "rental"), 0.9),
    "org_size": (("s", "m", "m", "l"), 0.7),
    "org_trade": (("建筑工程", "物流运输", "商贸", "医药流通"), 0.7),
    "org_fleet_size": (("6", "12", "25", "40"), 0.6),
    "org_settles": (("each", "month", "month"), 0.7),
    "org_leader_name": (("邹志强", "谭国华", "向丽"), 0.6),
    "org_leader_title": (("总经理", "行政总监"), 0.4),
}
CLUB = {
    "label_zh": "车友会活动", "label_en": "Club events", "kind": "choice", "counts": False, "ask_position": None,
    "options": [
        {"code": "o1", "label_zh": "自驾游", "label_en": "Road trips"},
        {"code": "o2", "label_zh": "爱车讲堂", "label_en": "Lectures"},
        {"code": "o3", "label_zh": "不参加", "label_en": "Does not come"},
    ],
    "question_zh": "车友会的活动，您对哪种感兴趣？", "question_en": "Which of our club's events would you like?",
}  # fmt: skip


def make(world: World) -> None:
    """Fill some groups of some cards in every store; the first store also asks for children."""
    fields.save_field(
        world.houses[0].store.pk, "children", {"is_on": True}, {}, by=world.houses[0].staff["specialist"][0]
    )
    for house in world.houses:
        own = fields.add_field(house.store, CLUB, by=house.staff["specialist"][0])
        _fill(house, own.code)


def _fill(house: House, own: str) -> None:
    dice = Dice("profile", house.store.code)
    rows = Customer.objects.filter(store=house.store).order_by("number").values_list("pk", "customer_type")
    values = []
    for customer_id, customer_type in rows:
        asked = OF_FIRMS if customer_type == "org" else {**OF_PERSONS, own: (("o1", "o2", "o3"), 0.15)}
        for field, (told, share) in asked.items():
            if dice.chance(share):
                values.append(
                    ProfileValue(store=house.store, customer_id=customer_id, field=field, value=dice.choice(told))
                )
    ProfileValue.objects.bulk_create(values, batch_size=1000)
