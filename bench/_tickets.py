"""Fills stores with a hundred thousand tickets as they lie after three years: mostly closed, judged and confirmed."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bench import _seed
from bench._seed import load

DAYS = 1_095
EMPLOYEES = 50  # a store
OPEN_SHARE, HISTORICAL_SHARE = 0.03, 0.05
CARS = 60_000
WORDS = "空调异响，冷车启动后声音明显，上次保养时说过一次，师傅说正常，回去以后越来越响，希望给个说法。" * 3
SOURCES = ("phone", "walk_in", "revisit", "hotline", "web", "12315", "staff")
CAUSES = ("not_as_expected", "poor_service", "poor_service", "beyond_scope", "product", "")
RESULTS = ("very_satisfied", "satisfied", "satisfied", "fair", "accepts", "no_comment")
OPEN_STATES = ("registered", "accepted", "investigating", "proposed", "told", "acting", "confirming", "reopened")
POSTS = (("service_advisor", "service"), ("technician", "workshop"), ("sales_consultant", "sales"))


def people(seed: _seed.Seed, password: str) -> dict[int, list[int]]:
    """{store: its employees}, each with a post; a manager of the first store and a director of all of them."""
    from crm_site.accounts.models import Employee, Membership, Posting, User
    from tests import factories

    staff: dict[int, list[int]] = {}
    for store in seed.stores:
        rows = [Employee(store=store, number=f"E{number}", name=f"员工{number}") for number in range(EMPLOYEES)]
        made = Employee.objects.bulk_create(rows)
        staff[store.pk] = [one.pk for one in made]
        posts = [(one, POSTS[number % len(POSTS)]) for number, one in enumerate(made)]
        since = date(2015, 1, 1)
        Posting.objects.bulk_create(
            Posting(employee=one, post=post, department=department, since=since) for one, (post, department) in posts
        )
    factories.no_second_factor()
    for name, role, stores in (("manager", "manager", seed.stores[:1]), ("director", "director", seed.stores)):
        user = User(username=f"bench-{name}", name=name)
        user.set_password(password)
        user.save()
        Membership.objects.bulk_create(Membership(user=user, store=store, role=role) for store in stores)
    return staff


def advise(seed: _seed.Seed, staff: dict[int, list[int]]) -> None:
    """Give every repair order an advisor of its store, so that the month has visits to count."""
    from django.db.models import F, Value
    from django.db.models.functions import Mod

    from customers.models import RepairOrder

    for store in seed.stores:
        own = RepairOrder.objects.filter(store=store)
        own.update(service_advisor=Mod(F("id"), Value(EMPLOYEES)) + Value(staff[store.pk][0]))


def fill(seed: _seed.Seed, count: int, staff: dict[int, list[int]], *, now: datetime, today: date) -> None:
    """So many tickets with their liabilities and confirming calls."""
    from complaints.models import Complaint, Confirmation, Liability

    names = (
        "id", "store", "number", "kind", "level", "category", "source", "department", "customer", "vehicle", "state",
        "reported_by", "handler", "received_at", "received_on", "responded_at", "proposed_at", "closed_at",
        "closed_on", "response_due_at", "proposal_due_at", "closing_due_at", "due_at", "cause_class", "result",
        "reopened", "repeat_of", "historical", "submission", "compensation",
    )  # fmt: skip
    rows = list(_rows(seed, count, staff, now, today))
    load(Complaint, {"words": WORDS}, names, rows)
    place = {name: number for number, name in enumerate(names)}
    ended = [row for row in rows if row[place["state"]] == "closed"]
    load(
        Liability, {"kind": "direct", "post": "service_advisor", "confirmed_at": now},
        ("store", "complaint", "party", "employee"),
        ((row[1], row[0], *_party(row[0], staff[row[1]])) for row in ended),
    )  # fmt: skip
    load(
        Confirmation, {"round": 1}, ("store", "complaint", "at", "by", "result"),
        (
            (row[1], row[0], row[place["closed_at"]], staff[row[1]][0], row[place["result"]])
            for row in ended if row[place["result"]]
        ),
    )  # fmt: skip
    _seed._go_on_counting("complaints.Complaint")


def _party(number: int, staff: Sequence[int]) -> tuple[str, int | None]:
    if number % 10 < 8:
        return "employee", staff[number * 7 % len(staff)]
    return ("manufacturer", None) if number % 2 else ("department", None)


def _rows(
    seed: _seed.Seed, count: int, staff: dict[int, list[int]], now: datetime, today: date
) -> Iterator[tuple[Any, ...]]:
    from complaints.models import Category, Level

    draw = random.Random(7)
    levels = {row.code: row.pk for row in Level.objects.filter(store=None)}
    leaves = [(row.pk, row.department) for row in Category.objects.filter(store=None).exclude(parent=None)]
    stores = [store.pk for store in seed.stores]
    for number in range(1, count + 1):
        store_id = stores[number % len(stores)]
        own = staff[store_id]
        #: the newest tickets are the open ones
        is_open = number > count * (1 - OPEN_SHARE)
        is_old = number <= count * HISTORICAL_SHARE
        at = now - timedelta(days=DAYS * (1 - number / count), minutes=draw.randrange(60, 1400))
        spent = timedelta(hours=draw.choice((5, 20, 40, 60, 90, 200)))
        ended = not is_open and not is_old
        closed_at = min(at + spent, now) if ended else None
        day = at.date()
        code = draw.choices(("L1", "L2", "L3", "L4"), (25, 60, 12, 3))[0]
        category, department = leaves[min(int(draw.expovariate(0.18)), len(leaves) - 1)]
        # one in nine comes back: the same car as sixty tickets of the store before, about two weeks earlier
        back = len(stores) * 60
        before = number - back if number % 9 == 0 and number > back else None
        car = (before or number) % seed.vehicles or seed.vehicles
        yield (
            number, store_id, f"TS{number:07d}", "grievance" if code == "L1" else "complaint",
            None if is_old else levels[code], category, SOURCES[number % len(SOURCES)], department, car, car,
            "closed" if ended else "recorded" if is_old else OPEN_STATES[number % len(OPEN_STATES)], own[0],
            None if is_old else own[1 + number % 8], at, day,
            None if is_old else at + timedelta(minutes=draw.choice((20, 60, 110, 300))),
            None if is_old else at + timedelta(hours=draw.choice((4, 12, 30))), closed_at,
            closed_at.date() if closed_at else None, *_limits(at, is_old), None if ended or is_old else
            at + timedelta(hours=72), CAUSES[number % len(CAUSES)] if ended else "",
            RESULTS[number % len(RESULTS)] if ended else "", int(ended and number % 25 == 0),
            before, is_old, uuid.UUID(int=number),
            100 if ended and number % 20 == 0 else None,
        )  # fmt: skip


def _limits(at: datetime, is_old: bool) -> tuple[datetime | None, ...]:
    if is_old:
        return None, None, None
    return at + timedelta(hours=2), at + timedelta(hours=24), at + timedelta(hours=72)
