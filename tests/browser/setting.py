"""One store with its people and nothing else, for the journey; run inside a stack: `manage.py shell -c "…make()"`."""

from datetime import time, timedelta

from django.conf import settings

from crm_site.accounts.models import Department, Employee, Membership, Post, Posting, Role, Store, User
from crm_site.core import clock
from crm_site.worktime.models import CalendarDay, Covers, DayKind, DeskRota, OpeningHours
from tests.factories import no_second_factor

#: login, role, department, post
PEOPLE = (
    ("admin", Role.ADMIN, Department.DCRC, Post.OTHER),
    ("specialist", Role.SPECIALIST, Department.DCRC, Post.SPECIALIST),
    ("head", Role.HEAD, Department.SERVICE, Post.HEAD),
    ("manager", Role.MANAGER, Department.DCRC, Post.MANAGER),
)
NAMES = {"admin": "段文", "specialist": "陈思雨", "head": "何志远", "manager": "温静"}


def make() -> None:
    """A store that is open every day, so that what is due today is called today."""
    today = clock.today()
    no_second_factor()
    store = Store.objects.create(
        code="YB1", name="渝北汽车销售服务有限公司", short_name="渝北一店", go_live_on=today - timedelta(days=60)
    )
    for weekday in range(7):
        OpeningHours.objects.create(store=store, weekday=weekday, opens=time(8, 30), closes=time(18))
        DeskRota.objects.create(store=store, weekday=weekday)
    if CalendarDay.objects.of_company().filter(day=today, kind=DayKind.HOLIDAY).exists():
        CalendarDay.objects.create(store=store, day=today, kind=DayKind.OPEN, covers=Covers.BOTH)
    for number, (login, role, department, post) in enumerate(PEOPLE, start=1):
        user = User.objects.create(username=login, name=NAMES[login])
        user.set_password(settings.DEMO_PASSWORD)
        user.save(update_fields=["password"])
        Membership.objects.create(user=user, store=store, role=role)
        hired = today - timedelta(days=400)
        person = Employee.objects.create(
            store=store, number=f"D{number:03d}", name=user.name, hired_on=hired, user=user
        )
        Posting.objects.create(employee=person, department=department, post=post, since=hired)


def due_calls(count: int) -> None:
    """So many calls of that store that are due today."""
    from tests.factories import CustomerFactory, VehicleFactory
    from tests.revisits.conftest import make_task

    today, store = clock.today(), Store.objects.get()
    for _ in range(count):
        fact = {"customer": CustomerFactory(store=store), "vehicle": VehicleFactory(store=store)}
        make_task(store, "DLV_M1", anchor_on=today, due_on=today, expires_on=today, **fact)


def repaired_car() -> None:
    """One customer whose car an advisor of that store took in for repair the day before yesterday."""
    from customers import search
    from tests.factories import (
        CustomerFactory,
        EmployeeFactory,
        PhoneFactory,
        PostingFactory,
        RepairOrderFactory,
        VehicleFactory,
        VehicleRoleFactory,
    )

    store, day = Store.objects.get(), clock.today() - timedelta(days=2)
    advisor = EmployeeFactory(store=store, name="朱莉", number="E101")
    PostingFactory(employee=advisor, department=Department.SERVICE, post=Post.SERVICE_ADVISOR, since=day.replace(day=1))
    customer = CustomerFactory(store=store, name="欧阳浩")
    PhoneFactory(customer=customer, number="13900001202")
    car = VehicleFactory(store=store, plate_no="渝A12345")
    VehicleRoleFactory(vehicle=car, customer=customer)
    RepairOrderFactory(vehicle=car, customer=customer, service_advisor=advisor, checked_in_on=day)
    search.refresh([customer.pk])


def one_customer_twice() -> None:
    """One customer on two cards of that store: with a car on the one, with an address on the other."""
    from crm_site.privacy.models import DuplicatePair
    from customers import search
    from tests.factories import CustomerFactory, PhoneFactory, VehicleFactory, VehicleRoleFactory

    store = Store.objects.get()
    cards = [CustomerFactory(store=store, name="欧阳致远", created_at=clock.now()) for _ in range(2)]
    for card, number in zip(cards, ("13900002201", "13900002202"), strict=True):
        PhoneFactory(customer=card, number="13900002200")
        PhoneFactory(customer=card, number=number, rank=2)
    VehicleRoleFactory(vehicle=VehicleFactory(store=store, plate_no="渝A77K01"), customer=cards[0])
    one, other = sorted(cards, key=lambda card: card.pk)
    DuplicatePair.objects.create(
        store=store, one=one, other=other, reasons=["phone", "name"], score=90, found_on=clock.today()
    )
    search.refresh([card.pk for card in cards])
