"""Cards that stand twice in the demo world: two pairs wait to be compared, one was merged this week."""

from __future__ import annotations

import uuid
from datetime import timedelta

from crm_site.core.i18n import gettext_noop
from crm_site.demo.world import Car, House, World
from crm_site.privacy.actions import finding
from crm_site.privacy.actions.merging import merge
from customers import search
from customers.models import Customer, CustomerType, Phone

#: the second card of a customer: how the name was written there, by its last sign
SLIPS = ("岚", "俊", "玲")


def make(world: World) -> None:
    """A few twins in every store, and the night's look at all cards."""
    for house in world.houses:
        twins = [(car.owner, _twin(world, car, slip)) for car, slip in zip(_chosen(house), SLIPS, strict=False)]
        search.refresh(twin.pk for _owner, twin in twins)
        if len(twins) == len(SLIPS):
            _merge(world, house, *twins[-1])
        finding.refresh(house.store.pk, world.today)
    world.say(gettext_noop("duplicate cards"))


def _chosen(house: House) -> list[Car]:
    """Owners with a name of three signs, of whom nobody has noted anything special."""
    fitting = (
        car
        for car in house.cars
        if len(car.owner.name) == 3 and car.owner.customer_type == CustomerType.PERSON and not car.owner.restricted
    )
    seen: dict[int, Car] = {}
    for car in fitting:
        seen.setdefault(car.owner.pk, car)
        if len(seen) == len(SLIPS):
            break
    return list(seen.values())


def _twin(world: World, car: Car, slip: str) -> Customer:
    """The same customer once more, as somebody entered them in a hurry: one sign wrong, the same number."""
    twin = Customer.objects.create(
        store=car.owner.store, name=f"{car.owner.name[:2]}{slip}", city="重庆市",
        created_at=world.now - timedelta(days=3),
    )  # fmt: skip
    number = Phone.objects.filter(customer=car.owner, contact=None).order_by("rank", "pk").first()
    if number is not None:
        Phone.objects.create(store=twin.store, customer=twin, number=number.number)
    return twin


def _merge(world: World, house: House, owner: Customer, twin: Customer) -> None:
    by, at = house.staff["manager"][0], world.now - timedelta(days=1)
    merge(owner.pk, twin.pk, {}, by, at, submission=uuid.uuid5(uuid.NAMESPACE_OID, f"twin{twin.pk}"))
