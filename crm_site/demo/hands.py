"""Cars that changed hands or plates, enterprises with their people and fleets, and what customers agreed to."""

from __future__ import annotations

from datetime import timedelta

from crm_site.accounts.models import Employee, Post
from crm_site.core import clock
from crm_site.core.i18n import gettext_noop
from crm_site.demo.dice import Dice
from crm_site.demo.world import House, World
from customers import search
from customers.actions import cars, consents, keepers, numbers, wishes
from customers.actions.handover import NewOwner, hand_over
from customers.models import Consent, Contact, ContactBan, Customer, CustomerType, Vehicle, VehicleRole

#: enterprises of a store that get three people, more cars and somebody who looks after them
FIRMS, CARS_MORE = 2, 5
#: contacts that an enterprise has at least
PEOPLE = (
    ("何立新", Contact.Identity.IN_CHARGE, "总经理"),
    ("冯车管", Contact.Identity.FLEET, "车队主管"),
    ("田会计", Contact.Identity.FINANCE, "财务"),
)


def make(world: World) -> None:
    """A few of each in every store; quick, since everything goes through the actions."""
    for house in world.houses:
        by = house.staff["specialist"][0]
        _enterprises(world, house, by)
        _changes(world, house, by)
        _statements(world, house, by)
    world.say(gettext_noop("cars that changed hands, enterprises, consent"))


def _enterprises(world: World, house: House, by: Employee) -> None:
    keeper = Employee.objects.filter(store=house.store, postings__post=Post.SALES_CONSULTANT).order_by("pk").first()
    firms = Customer.objects.standing().filter(store=house.store, customer_type=CustomerType.ORG, restricted=False)
    for firm in firms.order_by("pk")[:FIRMS]:
        keepers.name_keeper(firm.pk, keeper=keeper or by, by=by, today=world.today)
        for name, identity, title in PEOPLE:
            if not firm.contacts.filter(name=name).exists():
                numbers.add_contact(
                    firm.pk, values={"name": name, "identity": identity, "title": title}, phone="", by=by
                )
        _fleet(world, firm)


def _fleet(world: World, firm: Customer) -> None:
    """Cars like the first one of the enterprise, so that its fleet is a list."""
    model = Vehicle.objects.filter(roles__customer=firm).order_by("pk").first()
    if model is None:
        return
    dice = Dice("fleet", firm.number or firm.name)
    for nth in range(CARS_MORE):
        bought = world.today - timedelta(days=200 + 60 * nth)
        car = Vehicle.objects.create(
            store_id=firm.store_id, plate_no=f"渝D{dice.digits(5)}", brand=model.brand, series=model.series,
            model=model.model, power=model.power, purchased_on=bought, usage="commercial",
            insurance_until=world.today + timedelta(days=20 + 50 * nth), created_at=clock.at(bought, 10),
        )  # fmt: skip
        VehicleRole.objects.create(
            store_id=firm.store_id, vehicle=car, customer=firm, role=VehicleRole.Kind.OWNER, since=bought
        )
    search.refresh([firm.pk])


def _changes(world: World, house: House, by: Employee) -> None:
    """One car goes to somebody new, one to nobody known yet, and one gets another plate."""
    owned = VehicleRole.objects.filter(
        store=house.store, role=VehicleRole.Kind.OWNER, until=None, since__lt=world.today - timedelta(days=200),
        vehicle__state=Vehicle.State.ACTIVE, customer__restricted=False, customer__customer_type=CustomerType.PERSON,
        vehicle__repair_orders__isnull=False,
    )  # fmt: skip
    chosen = list(dict.fromkeys(owned.order_by("pk").values_list("vehicle_id", flat=True)[:40]))[:3]
    on = world.today - timedelta(days=20)
    new = NewOwner("秦立群", f"1390000{Dice('owner', house.store.code).digits(4)}")
    for vehicle_id, to in zip(chosen, (new, None), strict=False):
        hand_over(vehicle_id, on=on, to=to, submission=Dice("hand-over", vehicle_id).submission(), by=by, now=world.now)
    for vehicle_id in chosen[2:]:
        car = Vehicle.objects.get(pk=vehicle_id)
        cars.edit_vehicle(
            vehicle_id, values={"plate_no": f"渝A{Dice('plate', house.store.code).digits(5)}"},
            seen={"plate_no": car.plate_no}, by=by, today=on,
        )  # fmt: skip


def _statements(world: World, house: House, by: Employee) -> None:
    """What a few customers agreed to and took back, and wishes about one channel and for some time."""
    people = Customer.objects.standing().filter(store=house.store, restricted=False, customer_type=CustomerType.PERSON)
    for nth, customer in enumerate(people.order_by("pk")[:6]):
        first = world.today - timedelta(days=120 + nth)
        consents.tell(
            customer.pk, purpose=Consent.Purpose.MARKETING, is_given=customer.marketing_consent is not False,
            source=Consent.Source.PAPER, told_on=first, by=by, now=world.now,
        )  # fmt: skip
        consents.tell(
            customer.pk, purpose=Consent.Purpose.DATA, is_given=True, source=Consent.Source.PAPER, told_on=first,
            by=by, now=world.now,
        )  # fmt: skip
        if nth == 0:
            wish = {
                "purpose": ContactBan.Purpose.ALL,
                "channel": ContactBan.Channel.SMS,
                "reason": "短信太多，别再发了",
            }
            wishes.set_ban(customer.pk, values=wish | {"since": first}, by=by)
