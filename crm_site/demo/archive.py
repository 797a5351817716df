"""Customers with their numbers, contacts, cars and wishes not to be called."""

from __future__ import annotations

from datetime import date, timedelta

from crm_site.core import vins
from crm_site.demo import words
from crm_site.demo.dice import Dice, share_of
from crm_site.demo.people import full_name
from crm_site.demo.world import Car, House, World
from customers.models import Contact, ContactBan, Customer, Phone, Vehicle, VehicleRole
from customers.models.people import CustomerType

CUSTOMERS = 3_000
#: how many of a hundred customers have a second car
SECOND_CARS = 10
#: beginnings of numbers that look like mobiles; the zeros after them belong to nobody
PREFIXES = ("136", "137", "138", "139", "150", "158", "159", "186", "188", "199")
PLATE_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
VIN_SIGNS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


def make_archive(world: World) -> None:
    """The archive of every store."""
    unique = Unique(Dice("numbers"))
    for house in world.houses:
        for number in range(share_of(round(CUSTOMERS * house.share), world.scale)):
            _customer(world, house, number, unique)


class Unique:
    """Plates, VINs and phone numbers, each once."""

    def __init__(self, dice: Dice) -> None:
        """Draw from this dice."""
        self.dice = dice
        self.taken: set[str] = set()
        self.count = 0

    def _once(self, text: str) -> bool:
        new = text not in self.taken
        self.taken.add(text)
        return new

    def phone(self) -> str:
        """A mobile number in which four zeros stand where a real one names its place."""
        while not self._once(number := self.dice.choice(PREFIXES) + "0000" + self.dice.digits(4)):
            pass
        return number

    def plate(self, power: str) -> str:
        """A plate of Chongqing: seven characters, or eight for a new-energy car."""
        while not self._once(plate := self._plate(power)):
            pass
        return plate

    def _plate(self, power: str) -> str:
        if power == "fuel":
            tail = "".join(self.dice.choices(PLATE_SIGNS, (1,) * 24 + (6,) * 10, k=5))
            return f"渝{self.dice.choice('AABD')}{tail}"
        kind = self.dice.choice("DDDAG" if power == "ev" else "FFFCE")
        return f"渝{self.dice.choice('AABD')}{kind}{self.dice.choice(PLATE_SIGNS)}{self.dice.digits(4)}"

    def vin(self, series: str, year: int) -> str:
        """A VIN of an invented maker with its right check digit."""
        self.count += 1
        head = f"LYL{series}{''.join(self.dice.choices(VIN_SIGNS, k=3))}"
        draft = f"{head}0{year_sign(year)}C{self.count:06d}"
        return draft[:8] + vins.check_digit(draft) + draft[9:]


def year_sign(year: int) -> str:
    """The character of a model year (ISO 3779): 2024 is R."""
    return "ABCDEFGHJKLMNPRSTVWXY123456789"[(year - 2010) % 30]


def _customer(world: World, house: House, number: int, unique: Unique) -> None:
    """One customer with everything around them."""
    dice = Dice("customer", house.store.code, number)
    is_org = dice.chance(0.08)
    sex = "" if is_org else dice.choice("mmf")
    district, roads = dice.choice(words.DISTRICTS)
    since = _since(world, dice, number)
    customer = world.rows.add(
        Customer(
            store=house.store,
            number=f"K{house.store.pk}{number + 1:05d}",
            customer_type=CustomerType.ORG if is_org else CustomerType.PERSON,
            name=_org_name(dice) if is_org else full_name(dice, sex),
            sex=sex,
            salutation={"m": "先生", "f": "女士"}.get(sex, ""),
            birthday=None if is_org or dice.chance(0.3) else _birthday(dice),
            province="重庆市",
            city="重庆市",
            district=district,
            address=_address(dice, roads),
            industry=dice.choice(words.INDUSTRIES) if dice.chance(0.5) else "",
            occupation="" if is_org or dice.chance(0.4) else dice.choice(words.OCCUPATIONS),
            source=dice.choice(words.SOURCES),
            marketing_consent=dice.pick([(True, 60), (None, 30), (False, 10)]),
            restricted=dice.chance(0.003),
            created_at=dice.moment_on(since, 9, 17),
        )
    )
    phone = world.rows.add(Phone(store=house.store, customer=customer, number=unique.phone()))
    _others(world, house, customer, dice, unique)
    for nth in range(2 if dice.randrange(100) < SECOND_CARS else 1):
        house.cars.append(_car(world, house, phone, dice=dice, unique=unique, bought=since if nth == 0 else None))
    _ban(world, house, customer, dice)


def _address(dice: Dice, roads: tuple[str, ...]) -> str:
    number, building = dice.randrange(1, 300), dice.randrange(1, 20)
    return f"{dice.choice(roads)}{number}号{dice.choice(words.ESTATES)}{building}栋"


def _since(world: World, dice: Dice, number: int) -> date:
    """When somebody became a customer: more than half within the last year, some of them today."""
    if number % 100 < 62:
        return dice.day_between(world.first_day, world.today)
    return world.first_day - timedelta(days=dice.randrange(5, 1500))


def _org_name(dice: Dice) -> str:
    return f"重庆{dice.choice(words.ORG_HEADS)}{dice.choice(words.ORG_KINDS)}有限公司"


def _birthday(dice: Dice) -> date:
    return dice.day_between(date(1960, 1, 1), date(2004, 12, 31))


def _others(world: World, house: House, customer: Customer, dice: Dice, unique: Unique) -> None:
    """The contacts of an enterprise, sometimes a relative, sometimes a second number."""
    wanted = 2 if customer.customer_type == CustomerType.ORG else int(dice.chance(0.12))
    kinds = [Contact.Identity.DRIVER, Contact.Identity.BRINGER]
    names: set[str] = {customer.name}
    for nth in range(wanted):
        name = full_name(dice, "m")
        if name in names:
            continue
        names.add(name)
        identity = kinds[nth] if wanted == 2 else Contact.Identity.RELATIVE
        contact = world.rows.add(Contact(store=house.store, customer=customer, name=name, identity=identity))
        world.rows.add(
            Phone(store=house.store, customer=customer, contact=contact, number=unique.phone(), rank=nth + 2)
        )
    if not wanted and dice.chance(0.06):
        world.rows.add(Phone(store=house.store, customer=customer, number=unique.phone(), rank=2))


def _car(world: World, house: House, phone: Phone, *, dice: Dice, unique: Unique, bought: date | None) -> Car:
    """A car of the customer's, bought on the day they came, or some years earlier."""
    customer = phone.customer
    series, model, power, *_ = dice.choices(words.MODELS, [row[-1] for row in words.MODELS])[0]
    bought_on = bought or world.first_day - timedelta(days=dice.randrange(30, 1400))
    fresh = (world.today - bought_on).days
    plate = "" if fresh < 10 or (fresh < 40 and dice.chance(0.4)) else unique.plate(power)
    vehicle = world.rows.add(
        Vehicle(
            store=house.store,
            vin=unique.vin(series, bought_on.year),
            plate_no=plate,
            engine_no=f"YL{dice.digits(7)}",
            brand="远岚",
            series=series,
            model=model,
            colour=dice.choice(words.COLOURS),
            power=power,
            usage=dice.pick([("family", 82), ("official", 10), ("commercial", 8)]),
            made_on=bought_on - timedelta(days=dice.randrange(20, 90)),
            purchased_on=bought_on,
            registered_on=bought_on + timedelta(days=7) if plate else None,
            warranty_from=bought_on,
            warranty_until=_years_later(bought_on, 3),
            insurance_until=_next_yearly(bought_on, world.today),
            inspection_due_on=_years_later(bought_on, 2),
            sold_here=dice.chance(0.95 if fresh < 365 else 0.7),
            created_at=customer.created_at,
        )
    )
    world.rows.add(
        VehicleRole(store=house.store, vehicle=vehicle, customer=customer, role=VehicleRole.Kind.OWNER, since=bought_on)
    )
    return Car(vehicle, customer, phone)


def _years_later(day: date, years: int) -> date:
    return day + timedelta(days=round(365.25 * years) - 1)


def _next_yearly(day: date, today: date) -> date:
    """The end of the insurance year that runs today."""
    years = max(1, -(-(today - day).days // 365))
    return day + timedelta(days=365 * years)


def _ban(world: World, house: House, customer: Customer, dice: Dice) -> None:
    """A few do not want to be called."""
    if not dice.chance(0.012):
        return
    purpose = dice.pick([("revisit", 5), ("marketing", 4), ("all", 1)])
    since = dice.day_between(world.first_day, world.today)
    specialist = dice.choice(house.staff["specialist"])
    world.rows.add(
        ContactBan(
            store=house.store,
            customer=customer,
            purpose=purpose,
            since=since,
            reason="客户要求不再致电",
            set_by=specialist,
        )
    )
