"""The two stores, their working days, the roster with its posts, and the users who may sign in."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.hashers import make_password

from crm_site.accounts.models import (
    Department,
    Employee,
    Membership,
    Post,
    Posting,
    Role,
    SignInRules,
    Store,
    User,
)
from crm_site.demo import words
from crm_site.demo.dice import Dice
from crm_site.demo.world import House, World
from crm_site.worktime.models import CalendarDay, Covers, DayKind, DeskRota, OpeningHours


class StoreRow(NamedTuple):
    """One store and its share of the customers."""

    code: str
    name: str
    short_name: str
    hotline: str
    share: float


STORES = (
    StoreRow("YB1", "重庆远岚渝北汽车销售服务有限公司", "渝北一店", "023-60000001", 0.62),
    StoreRow("NA1", "重庆远岚南岸汽车销售服务有限公司", "南岸店", "023-60000002", 0.38),
)

SALES, SERVICE, WORKSHOP, DCRC = Department.SALES, Department.SERVICE, Department.WORKSHOP, Department.DCRC


class PostRow(NamedTuple):
    """One kind of place in the roster: where its people are found, how many each store has, and who signs in."""

    group: str
    department: str
    post: str
    counts: tuple[int, int]
    #: user names of the first ones, by store
    logins: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    role: str = ""


ROSTER = (
    PostRow(
        "sales_consultant", SALES, Post.SALES_CONSULTANT, (6, 3), (("frontline1", "frontline2"), ()), Role.FRONTLINE,
    ),
    PostRow("delivery_specialist", SALES, Post.DELIVERY_SPECIALIST, (1, 1)),
    PostRow("service_advisor", SERVICE, Post.SERVICE_ADVISOR, (4, 2), (("frontline3",), ()), Role.FRONTLINE),
    PostRow("technician:mechanical", WORKSHOP, Post.TECHNICIAN, (3, 2)),
    PostRow("technician:body", WORKSHOP, Post.TECHNICIAN, (1, 1)),
    PostRow("technician:paint", WORKSHOP, Post.TECHNICIAN, (1, 1)),
    PostRow("parts", Department.PARTS, Post.PARTS_CLERK, (1, 1)),
    PostRow("insurance", Department.FINANCE, Post.INSURANCE_CLERK, (1, 1)),
    PostRow(
        "specialist", DCRC, Post.SPECIALIST, (4, 2),
        (("specialist1", "specialist2", "specialist3", "specialist4"), ("specialist5", "specialist6")), Role.SPECIALIST,
    ),
    PostRow("head:service", SERVICE, Post.HEAD, (1, 1), (("head1",), ("head4",)), Role.HEAD),
    PostRow("head:sales", SALES, Post.HEAD, (1, 1), (("head2",), ("head5",)), Role.HEAD),
    PostRow("head:workshop", WORKSHOP, Post.HEAD, (1, 0), (("head3",), ()), Role.HEAD),
    PostRow("manager", DCRC, Post.MANAGER, (1, 1), (("manager1",), ("manager2",)), Role.MANAGER),
    PostRow("admin", DCRC, Post.OTHER, (1, 1), (("admin1",), ("admin1",)), Role.ADMIN),
    PostRow("director", Department.MANAGEMENT, Post.DIRECTOR, (1, 1), (("director1",), ("director1",)), Role.DIRECTOR),
)  # fmt: skip

#: how much better or worse than the others the people of one group are, in turn, in points of ten
CHARMS = (0.25, -0.55, 0.1, 0.4, -0.2, 0.0)


def make_people(world: World) -> None:
    """Stores, working days, employees, users; nobody needs a second factor, for the demo logins are for everybody."""
    world.rows.add(SignInRules(second_factor_roles=[]))
    names = Names(Dice("employees"))
    users: dict[str, User] = {}
    password = make_password(settings.DEMO_PASSWORD)
    for index, row in enumerate(STORES):
        house = House(_store(world, row), row.share)
        world.houses.append(house)
        _working_days(world, house.store)
        for place in ROSTER:
            for number in range(place.counts[index]):
                login = place.logins[index][number] if number < len(place.logins[index]) else ""
                user = _user(world, users, login, names, password) if login else None
                _employ(world, house, place, user=user, name=user.name if user else names.next())
                if user:
                    world.rows.add(Membership(user=user, store=house.store, role=place.role))
        _leaver(world, house, names)
    world.rows.write()


class Names:
    """Full names of people, each once."""

    def __init__(self, dice: Dice) -> None:
        """Draw from this dice."""
        self.dice = dice
        self.given: set[str] = set()

    def next(self, sex: str = "") -> str:
        """A name that nobody in this run has yet."""
        while True:
            name = full_name(self.dice, sex or self.dice.choice("mf"))
            if name not in self.given:
                self.given.add(name)
                return name


def full_name(dice: Dice, sex: str) -> str:
    """Surname by frequency and a given name of one or two characters."""
    signs = words.GIVEN_MALE if sex == "m" else words.GIVEN_FEMALE
    return dice.pick(words.SURNAMES) + "".join(dice.choices(signs, k=1 if dice.chance(0.18) else 2))


def _store(world: World, row: StoreRow) -> Store:
    return world.rows.add(
        Store(
            code=row.code,
            name=row.name,
            short_name=row.short_name,
            brand="远岚",
            city="重庆",
            hotline=row.hotline,
            go_live_on=world.first_day,
        )
    )


def _working_days(world: World, store: Store) -> None:
    """Open and staffed every day of the week, so that the demo is busy whenever it is looked at."""
    for weekday in range(7):
        world.rows.add(OpeningHours(store=store, weekday=weekday, opens=time(8, 30), closes=time(18)))
        world.rows.add(DeskRota(store=store, weekday=weekday, works=True, begins=time(8, 30), ends=time(18)))
    if CalendarDay.objects.of_company().filter(day=world.today, kind=DayKind.HOLIDAY).exists():
        world.rows.add(
            CalendarDay(
                store=store, day=world.today, kind=DayKind.OPEN, covers=Covers.BOTH, name_zh="值班", name_en="On duty"
            )
        )


def _user(world: World, users: dict[str, User], login: str, names: Names, password: str) -> User:
    """The user of a login; the same one in both stores."""
    if login not in users:
        users[login] = world.rows.add(User(username=login, name=names.next(), password=password, created_at=world.now))
    return users[login]


def _employ(
    world: World, house: House, place: PostRow, *, user: User | None, name: str, left_on: date | None = None
) -> Employee:
    """An employee with a post, and how customers like them."""
    dice = Dice("employee", house.store.code, name)
    number = sum(map(len, house.staff.values())) + 1
    employee = world.rows.add(
        Employee(
            store=house.store,
            number=f"{house.store.code}{number:03d}",
            name=name,
            phone=f"1990001{house.store.pk}{number:03d}",
            hired_on=world.first_day - timedelta(days=dice.randrange(40, 1800)),
            left_on=left_on,
            user=user,
        )
    )
    world.rows.add(
        Posting(employee=employee, department=place.department, post=place.post, since=employee.hired_on, until=left_on)
    )
    group = house.staff.setdefault(place.group, [])
    world.charm[employee.pk] = CHARMS[len(group) % len(CHARMS)]
    group.append(employee)
    return employee


def _leaver(world: World, house: House, names: Names) -> None:
    """Somebody who left half a year ago: served before, still stands in that time's reports."""
    left_on = world.today - timedelta(days=150)
    _employ(world, house, ROSTER[0], user=None, name=names.next(), left_on=left_on)
