"""A year of deliveries and visits to the workshop, up to those of today."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from crm_site.accounts.models import Employee
from crm_site.demo import words
from crm_site.demo.dice import Dice
from crm_site.demo.world import Car, House, World
from customers.models import Delivery, JobType, OrderState, RepairOrder, SaleType, Trade, Workmanship

#: visits of one car lie at least so many days apart
APART = 9
TRADES = {
    "accident": (Trade.BODY, Trade.PAINT),
    "body": (Trade.PAINT, Trade.BODY),
}


def make_events(world: World) -> None:
    """Deliveries and repair orders of every store."""
    for house in world.houses:
        for number, car in enumerate(house.cars):
            dice = Dice("car", house.store.code, number)
            if car.vehicle.purchased_on >= world.first_day and car.vehicle.sold_here:
                car.delivery = _delivery(world, house, car, dice)
            for visit in _visits(world, car, dice):
                _order(world, house, car, visit, dice)
            _seen_before(world, car, dice)
        _come_back(world, house)
        _be_in_today(world, house)
        _number_orders(house)


def _working(house: House, group: str, day: date) -> list[Employee]:
    return [one for one in house.staff[group] if one.left_on is None or one.left_on >= day]


def _delivery(world: World, house: House, car: Car, dice: Dice) -> Delivery:
    day = car.vehicle.purchased_on
    low, high = next((row[3], row[4]) for row in words.MODELS if row[1] == car.vehicle.model)
    consultant = dice.choice(_working(house, "sales_consultant", day))
    handed = dice.choice(house.staff["delivery_specialist"])
    sale = dice.pick([(SaleType.RETAIL, 90), (SaleType.FLEET, 5), (SaleType.RESELLER, 4), (SaleType.DEMO, 1)])
    return world.rows.add(
        Delivery(
            store=house.store,
            vehicle=car.vehicle,
            customer=car.owner,
            delivered_on=day,
            picked_up_by=car.owner.name if car.owner.sex else "",
            sales_consultant=consultant,
            sales_consultant_name=consultant.name,
            delivery_specialist=handed,
            delivery_specialist_name=handed.name,
            sale_type=sale,
            payment=dice.choice(words.PAYMENTS),
            price=Decimal(dice.randrange(low, high) * 1000 + dice.choice((800, 888, 500, 0))),
            insured_here=dice.chance(0.8),
            recorded_on=day,
        )
    )


class Visit:
    """A visit to be written: the day, what for, the odometer."""

    def __init__(self, day: date, job: str, mileage: int) -> None:
        """Keep the three."""
        self.day, self.job, self.mileage = day, job, mileage


def _visits(world: World, car: Car, dice: Dice) -> list[Visit]:
    """The visits of a car in the last year: first service, maintenance, repairs, now and then the same thing again."""
    bought = car.vehicle.purchased_on
    daily = dice.uniform(18, 62)
    start = max(world.first_day, bought + timedelta(days=dice.randrange(20, 260)))
    if start >= world.today:
        return []
    stays_away = 14 if bought < world.first_day else 2
    wanted = dice.pick([(1, 12), (2, 24), (3, 30), (4, 18), (5, 10), (6, 4), (0, stays_away)])
    wanted = max(0, round(wanted * (world.today - start).days / 330))
    days = sorted(dice.day_between(start, world.today) for _ in range(wanted))
    visits: list[Visit] = []
    for day in days:
        if visits and (day - visits[-1].day).days < APART:
            continue
        mileage = round(max(0, (day - bought).days) * daily) + dice.randrange(5, 60)
        visits.append(Visit(day, _job(visits, bought, day, dice), mileage))
    return visits


def _seen_before(world: World, car: Car, dice: Dice) -> None:
    """An older car that has not come for a year: the list with which the archive began told of its last visit."""
    bought = car.vehicle.purchased_on
    earliest = max(bought + timedelta(days=90), world.first_day - timedelta(days=240))
    if car.orders or earliest >= world.first_day:
        return
    car.vehicle.last_visit_on = dice.day_between(earliest, world.first_day + timedelta(days=20))
    car.vehicle.last_mileage_km = (car.vehicle.last_visit_on - bought).days * dice.randrange(20, 60)


def _job(before: list[Visit], bought: date, day: date, dice: Dice) -> str:
    is_new = not before and 60 <= (day - bought).days <= 300
    if is_new and dice.chance(0.75):
        return JobType.FIRST_SERVICE
    if before and (day - before[-1].day).days <= 30 and before[-1].job == JobType.GENERAL and dice.chance(0.5):
        return JobType.REWORK
    return dice.pick([(row[0], row[1]) for row in words.JOBS])


def _order(world: World, house: House, car: Car, visit: Visit, dice: Dice) -> None:
    """One repair order with its technicians; today's are still in the workshop."""
    stays = dice.pick([(0, 70), (1, 20), (2, 7), (4, 3)])
    back = visit.day + timedelta(days=stays)
    state = OrderState.SETTLED
    if back > world.today or (back == world.today and dice.chance(0.7)):
        state = OrderState.OPEN
    elif dice.chance(0.008):
        state = OrderState.VOID
    settled = back if state == OrderState.SETTLED else None
    items, labour, parts = _items(visit.job, dice)
    advisor = dice.choice(house.staff["service_advisor"])
    order = world.rows.add(
        RepairOrder(
            store=house.store,
            order_number="",
            vehicle=car.vehicle,
            customer=car.owner,
            job_type=visit.job,
            state=state,
            checked_in_on=visit.day,
            settled_on=settled,
            handed_back_on=settled,
            released_on=settled,
            mileage_km=visit.mileage,
            service_advisor=advisor,
            service_advisor_name=advisor.name,
            final_inspector=house.staff["technician:mechanical"][0],
            bringer_name=car.owner.name if car.owner.sex else "",
            bringer_phone=car.phone.number if dice.chance(0.6) else "",
            complaint_text=dice.choice(words.FAULTS),
            items=items,
            labour_fee=labour,
            parts_fee=parts,
            total_fee=labour + parts,
            is_rework=visit.job == JobType.REWORK,
            recorded_on=back if settled else visit.day,
        )
    )
    car.orders.append(order)
    _technicians(world, house, order, dice)


def _items(job: str, dice: Dice) -> tuple[str, Decimal, Decimal]:
    """What was done, labour and parts in yuan."""
    if job == JobType.REWORK:
        return "返修：复检并重新紧固", Decimal(0), Decimal(0)
    if job == JobType.FIRST_SERVICE:
        text, labour, parts = words.FIRST_SERVICE_ITEMS
    else:
        text, labour, parts = dice.choice(next(row[2] for row in words.JOBS if row[0] == job))
    factor = Decimal(dice.randrange(90, 116)) / 100
    return text, (labour * factor).quantize(Decimal(1)), (parts * factor).quantize(Decimal(1))


def _technicians(world: World, house: House, order: RepairOrder, dice: Dice) -> None:
    """The lead technicians of the trades that the job needs."""
    if order.job_type in {JobType.WASH, JobType.PDI}:
        return
    for trade in TRADES.get(order.job_type, (Trade.MECHANICAL,)):
        lead = dice.choice(house.staff[f"technician:{trade}"])
        world.rows.add(
            Workmanship(
                store=house.store, order=order, trade=trade, technician=lead, technician_name=lead.name, is_lead=True
            )
        )


def _come_back(world: World, house: House) -> None:
    """One repair of the last days is not right: the car is back for the same trade, and nobody has ticked 返修."""
    first, last = world.today - timedelta(days=9), world.today - timedelta(days=3)
    for car in house.cars:
        before = car.orders[-1] if car.orders else None
        if before is None or before.job_type != JobType.GENERAL or before.released_on is None:
            continue
        if not first <= before.released_on <= last:
            continue
        day = before.released_on + timedelta(days=1)
        dice = Dice("again", house.store.code)
        _order(world, house, car, Visit(day, JobType.GENERAL, (before.mileage_km or 0) + 80), dice)
        order = car.orders[-1]
        order.state = OrderState.SETTLED
        order.settled_on = order.handed_back_on = order.released_on = order.recorded_on = day
        return


def _be_in_today(world: World, house: House) -> None:
    """A small store may have nobody in the workshop today: then one car that has not come for long comes."""
    if any(order.state == OrderState.OPEN for car in house.cars for order in car.orders):
        return
    long_ago = world.today - timedelta(days=60)
    away = (car for car in house.cars if car.orders and car.orders[-1].checked_in_on < long_ago)
    car = next(away, house.cars[0])
    mileage = (car.orders[-1].mileage_km or 0) + 3_000 if car.orders else 900
    _order(world, house, car, Visit(world.today, JobType.SCHEDULED, mileage), Dice("in", house.store.code))
    order = car.orders[-1]
    order.state, order.recorded_on = OrderState.OPEN, world.today
    order.settled_on = order.handed_back_on = order.released_on = None


def _number_orders(house: House) -> None:
    """Order numbers as the counter gave them: day of check-in and the day's count."""
    count: Counter[date] = Counter()
    orders = sorted((order for car in house.cars for order in car.orders), key=lambda order: order.checked_in_on)
    for order in orders:
        count[order.checked_in_on] += 1
        order.order_number = f"RO{order.checked_in_on:%y%m%d}{count[order.checked_in_on]:03d}"
