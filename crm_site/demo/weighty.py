"""Customers of different weight, one of them complaining again, and a car that keeps coming back for the same fault."""

from __future__ import annotations

from datetime import timedelta

from complaints.models import Complaint, Kind
from crm_site.demo.dice import Dice
from crm_site.demo.world import Car, House, World
from customers.models import Customer, RepairOrder, Trade, ValueClass, Vehicle

#: share of the customers of each class; the others are not classed yet
SHARES = ((0.03, ValueClass.GOLD), (0.12, ValueClass.A), (0.40, ValueClass.B), (0.80, ValueClass.C))
#: repairs of the same fault: (days ago, days in the workshop, what was done)
REPAIRS = ((75, 6, "充电口检查，重新插接"), (48, 9, "更换充电枪锁止器"), (21, 5, "升级充电控制程序"))


def class_customers(world: World) -> None:
    """Give the owners of the demo cars their class."""
    for house in world.houses:
        owners = {car.owner.pk: car.owner for car in house.cars}
        for owner in owners.values():
            drawn = Dice("class", house.store.code, owner.number).random()
            owner.value_class = next((name for share, name in SHARES if drawn < share), "")
        Customer.objects.bulk_update(owners.values(), ["value_class"], batch_size=500)


def who_complained(house: House, cars: list[Car]) -> list[Car]:
    """Those of the cars whose owner has complained before, and becomes a gold customer."""
    rows = Complaint.objects.filter(store=house.store, kind=Kind.COMPLAINT, historical=False)
    known = set(rows.values_list("customer_id", flat=True))
    return [car for car in cars if car.owner.pk in known]


def make_gold(owner: Customer) -> None:
    """Put a customer into the first class."""
    owner.value_class, owner.value_stated = ValueClass.GOLD, True
    owner.save(update_fields=["value_class", "value_stated"])


def bring_back(world: World, house: House, car: Car) -> None:
    """Let a car under guarantee have been repaired three times for the same fault."""
    vehicle = car.vehicle
    vehicle.warranty_from = vehicle.warranty_from or world.today - timedelta(days=300)
    vehicle.warranty_until = world.today + timedelta(days=700)
    Vehicle.objects.filter(pk=vehicle.pk).update(
        warranty_from=vehicle.warranty_from, warranty_until=vehicle.warranty_until
    )
    for number, (ago, stayed, items) in enumerate(REPAIRS, 1):
        _repair(world, house, car, number=number, ago=ago, stayed=stayed, items=items)


def _repair(world: World, house: House, car: Car, *, number: int, ago: int, stayed: int, items: str) -> None:
    came = world.today - timedelta(days=ago)
    left = came + timedelta(days=stayed)
    order = RepairOrder.objects.create(
        store=house.store,
        order_number=f"SP{came:%y%m%d}{number:02d}",
        vehicle=car.vehicle,
        customer=car.owner,
        job_type="warranty",
        checked_in_on=came,
        settled_on=left,
        handed_back_on=left,
        released_on=left,
        items=items,
        historical=True,
        recorded_on=left,
    )
    order.technicians.create(store=house.store, trade=Trade.MECHANICAL, technician_name="厂家技术支持")
