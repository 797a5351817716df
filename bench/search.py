"""How fast somebody is found among 200,000 customers on PostgreSQL, by each kind of word (goal: p95 of 10 ms)."""

from __future__ import annotations

import os
import random
import time
from datetime import timedelta

from bench.figure import figure
from tests import environment
from tests.stack import Stack

CUSTOMERS = 200_000
SEARCHES = 300
CHUNK = 5_000
GOAL_MS = 10


def main() -> int:
    """Fill one store, search in five ways; 1 when the goal is missed."""
    environment.enter()
    if not environment.on_servers():
        print("PostgreSQL is not installed: nothing to measure.")
        return 0
    stack = Stack(embedded=False)
    try:
        os.environ["DATABASE_URL"] = stack.env["DATABASE_URL"]
        import django

        django.setup()
        return measure()
    finally:
        from django.db import connections

        connections.close_all()
        stack.stop()
        environment.leave()


def measure() -> int:
    """Fill, then search."""
    from django.db import connection

    started = time.monotonic()
    user, rows = fill()
    figure("search-fill", CUSTOMERS / (time.monotonic() - started), "customers/s", better="higher")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    dice = random.Random(7)
    kinds = {
        "surname": lambda row: row[0][:1],
        "name": lambda row: row[0],
        "phone_tail": lambda row: row[1][-4:],
        "plate": lambda row: row[2],
        "vin_tail": lambda row: row[3][-6:],
    }
    met = []
    for kind, word in kinds.items():
        times = sorted(seconds(user, word(dice.choice(rows))) for _ in range(SEARCHES))
        figure(f"search-{kind}-median", 1000 * times[len(times) // 2], "ms")
        met.append(figure(f"search-{kind}-p95", 1000 * times[int(len(times) * 0.95)], "ms", goal=GOAL_MS))
    return 0 if all(met) else 1


def seconds(user: object, typed: str) -> float:
    """How long one search takes, its hits with their cars included."""
    from customers import search

    started = time.perf_counter()
    search.find(user, typed)
    return time.perf_counter() - started


def fill() -> tuple[object, list[tuple[str, str, str, str]]]:
    """One store full of customers, each with a number and a car; gives its manager and what was written."""
    from crm_site.accounts.models import Membership, Store, User
    from crm_site.core import clock
    from crm_site.demo.archive import Unique
    from crm_site.demo.dice import Dice
    from crm_site.demo.people import full_name
    from crm_site.demo.rows import Rows
    from customers import search
    from customers.models import Customer, Phone, Vehicle, VehicleRole

    now = clock.now()
    store = Store.objects.create(code="B", name="B", short_name="B", go_live_on=now.date() - timedelta(days=9))
    user = User.objects.create(username="bench", name="bench")
    Membership.objects.create(user=user, store=store, role="manager")
    dice, written = Dice("bench"), []
    unique = Unique(dice)
    for _ in range(CUSTOMERS // CHUNK):
        rows, ids = Rows(), []
        for _ in range(CHUNK):
            name, phone = full_name(dice, dice.choice("mf")), f"13{dice.digits(9)}"
            plate, vin = unique.plate("fuel"), unique.vin("E5", 2025)
            customer = rows.add(Customer(store=store, name=name, created_at=now))
            rows.add(Phone(store=store, customer=customer, number=phone))
            car = rows.add(Vehicle(store=store, vin=vin, plate_no=plate, created_at=now))
            rows.add(VehicleRole(store=store, vehicle=car, customer=customer, role="owner"))
            written.append((name, phone, plate, vin))
            ids.append(customer.pk)
        rows.write()
        search.refresh(ids)
    return user, written
