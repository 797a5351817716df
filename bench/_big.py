"""Measures finding, list and card on one engine: `python -m bench._big postgresql 1000000`."""

from __future__ import annotations

import gc
import itertools
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bench import _rows
from bench.figure import figure
from bench.pages import PASSWORD, Client
from tests import environment
from tests.stack import Stack

if TYPE_CHECKING:
    from customers.models import VehicleRole

SEARCHES, PAGE_SEARCHES, ROUNDS = 300, 25, 7
#: nobody is told to wait for having searched too often
SETTINGS = "bench._settings"
#: pages that a process that has just started shows before it is measured
WARM_UP = 6
GOAL_SEARCH_MS, GOAL_PAGE_MS = 30, 150
#: on SQLite everything has this long
GOAL_SQLITE_MS = 300

#: what of a drawn customer is typed
TYPED: dict[str, Callable[[dict[str, str]], str]] = {
    "surname": lambda row: row["name"][:1],
    "given-sign": lambda row: row["name"][-1:],
    "two-signs": lambda row: row["name"][-2:],
    "name": lambda row: row["name"],
    "letter": lambda row: row["initials"][:1],
    "initials": lambda row: row["initials"],
    "pinyin": lambda row: row["pinyin"],
    "phone-tail": lambda row: row["phone"][-4:],
    "phone": lambda row: row["phone"],
    "plate": lambda row: row["plate"],
    "plate-without-province": lambda row: row["plate"][1:],
    "plate-part": lambda row: row["plate"][2:5],
    "vin-tail": lambda row: row["vin"][-6:],
    "number": lambda row: row["number"],
    "order": lambda row: row["order"],
    "nobody": lambda row: row["phone"][::-1],
}

#: filters of the list by the name of their figure
FILTERS = {
    "list": "",
    "type-org": "type=org",
    "gold": "value=gold",
    "complaining": "loyalty=complaining",
    "at-risk": "lifecycle=at_risk",
    "left-for-price": "left_for=price",
    "series": "series=E7",
    "brand": "brand=%E8%BF%9C%E5%B2%9A",
    "power": "power=ev",
    "visited": "visited=1",
    "away": "away=12",
    "bought": "bought_from=2025-01-01&bought_to=2025-03-31",
    "insurance": "insurance=30",
    "inspection": "inspection=14",
    "maintenance": "maintenance=7",
    "warranty": "warranty=7",
    "no-number": "number=none",
    "bad-number": "number=bad",
    "to-check": "number=check",
    "ban": "ban=marketing",
    "no-ban": "ban=none",
    "consent": "consent=no",
    "incomplete": "completeness=20",
    "keeper": "keeper={keeper}",
    "source": "source=%E8%BD%A6%E5%B1%95",
    "birthday": "birthday=2",
    "city": "city=%E5%B9%BF%E5%AE%89%E5%B8%82",
    "restricted": "restricted=yes",
    "profile": "profile=education:master",
    "profile-missing": "profile=education:-",
    "several": "value=gold,a&series=E7,V3&away=6&consent=yes",
    "several-rare": "value=gold&loyalty=complaining&birthday=2&insurance=14",
    "nobody-left": "value=drag&left_for=price&city=%E5%B9%BF%E5%AE%89%E5%B8%82&birthday=2&number=bad",
    "sorted-by-completeness": "sort=completeness",
    "sorted-by-value": "sort=worth",
    "sorted-oldest": "sort=oldest",
}


@contextmanager
def standing(engine: str) -> Iterator[Stack]:
    """A stack on the engine; with BENCH_DATABASE on that database, which stays as it is."""
    environment.enter()
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    stack = Stack(embedded=engine == "sqlite")
    own = dict(os.environ)
    try:
        if engine != "sqlite" and os.environ.get("BENCH_DATABASE"):
            stack.env["DATABASE_URL"] = os.environ["BENCH_DATABASE"]
        os.environ |= {name: stack.env[name] for name in ("DATABASE_URL", "REDIS_URL", "HUIFANG_VAR")}
        import django

        django.setup()
        yield stack
    finally:
        from django.db import connections

        connections.close_all()
        os.environ |= {name: own[name] for name in ("DATABASE_URL", "REDIS_URL")}  # where the stack's own database is
        stack.stop()
        environment.leave()


def main() -> int:
    """Fill unless it is filled, then measure; 1 when a goal is missed."""
    engine, customers = sys.argv[1], int(sys.argv[2])
    with standing(engine) as stack:
        fill(customers)
        gc.freeze()  # what filling left would be looked through again in the midst of a measured page
        goals = Goals(engine)
        samples = drawn(SEARCHES)
        load(goals, "searches")
        met = [*searches(samples, goals), *_rows.measure(goals)]
        stack.start_web()
        client = Client(stack.port, "bench-director")
        load(goals, "pages")
        met += [*search_pages(client, samples, goals), *pages(client, samples, goals)]
        load(goals, "end")
    return 0 if all(met) else 1


class Goals:
    """The limits of an engine, and its name in those of the figures."""

    def __init__(self, engine: str) -> None:
        self.suffix = "" if engine == "postgresql" else f"-{engine}"
        is_big = engine == "postgresql"
        self.search, self.page = (GOAL_SEARCH_MS, GOAL_PAGE_MS) if is_big else (GOAL_SQLITE_MS, GOAL_SQLITE_MS)
        self.fixed = _rows.GOAL_FIXED_MS if is_big else GOAL_SQLITE_MS

    def figure(self, name: str, ours: float, unit: str = "ms", **more: Any) -> bool:
        """One figure of this engine."""
        return figure(f"customers-{name}{self.suffix}", ours, unit, **more)


def fill(customers: int) -> None:
    """Three stores, who looks at them, and the archive; nothing where there is one."""
    from django.db import connection

    from bench import _archive
    from crm_site.accounts.models import Employee, Membership, Store, User
    from crm_site.core import clock

    if Store.objects.exists():
        return
    today, now, began = clock.today(), clock.now(), time.monotonic()
    stores = [
        Store.objects.create(code=f"B{number}", name=f"店{number}", short_name=f"店{number}", go_live_on=today)
        for number in range(1, 4)
    ]
    for name, role in (("director", "director"), ("manager", "manager")):
        user = User(username=f"bench-{name}", name=name)
        user.set_password(PASSWORD)
        user.save()
        Membership.objects.bulk_create(Membership(user=user, store=store, role=role) for store in stores)
    keepers = [Employee.objects.create(store=store, number="E1", name="陈思雨", user=user) for store in stores]
    _archive.fill(stores, customers, today=today, now=now, keepers=keepers)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # else every page is looked for in the whole load's log
    print(f"{customers} customers written in {time.monotonic() - began:.0f} s", flush=True)


def drawn(count: int) -> list[dict[str, str]]:
    """Customers drawn from the archive with what may be typed of them."""
    from customers.models import Customer, VehicleRole

    dice = random.Random(11)
    last = Customer.objects.order_by("-pk").values_list("pk", flat=True)[0]
    rows = []
    while len(rows) < count:
        role = (
            VehicleRole.objects.filter(customer_id=dice.randrange(1, last + 1), customer__customer_type="person")
            .select_related("customer", "vehicle")
            .first()
        )
        if role is None:
            continue
        rows.append(typed_of(role, order=f"RO{role.vehicle_id:08d}"))
    return rows


def typed_of(role: VehicleRole, order: str) -> dict[str, str]:
    """What may be typed of a customer and the car of one role."""
    from crm_site.core import names

    customer, vehicle = role.customer, role.vehicle
    spelled = names.pinyin(customer.name)
    return {
        "pk": str(customer.pk), "name": customer.name, "pinyin": spelled.full, "initials": spelled.initials,
        "phone": customer.phones.all()[0].number, "plate": vehicle.plate_no, "vin": vehicle.vin,
        "number": customer.number, "order": order,
    }  # fmt: skip


def searches(samples: list[dict[str, str]], goals: Goals) -> list[bool]:
    """Every kind of search as the rooms behind the box do it, and how long the engine alone takes of that."""
    from crm_site.accounts.models import User
    from customers import search

    user, met = User.objects.get(username="bench-director"), []
    search.find(user, "热")
    for kind, typed in TYPED.items():
        whole, engine, worked = [], [], []
        for row in samples:
            with in_database() as spent:
                whole.append(1000 * seconds(partial(search.find, user, typed(row))))
            engine.append(1000 * spent.waited)
            worked.append(1000 * spent.worked)
        met.append(goals.figure(f"search-{kind}-database-p95", p95(engine), goal=goals.search))
        goals.figure(f"search-{kind}-database-cpu-p95", p95(worked))
        goals.figure(f"search-{kind}-p95", p95(whole))
    return met


@dataclass
class Spent:
    """The seconds that statements took, and for how many of them the engine had a processor."""

    waited: float = 0.0
    worked: float = 0.0


@contextmanager
def in_database() -> Iterator[Spent]:
    """What statements take meanwhile."""
    from django.db import connection

    spent = Spent()

    def run(execute: Any, *arguments: Any) -> Any:
        had, began = processor_seconds(connection), time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            spent.waited += time.perf_counter() - began
            spent.worked += processor_seconds(connection) - had

    with connection.execute_wrapper(run):
        yield spent


def processor_seconds(connection: Any) -> float:
    """How long the engine had a processor so far; 0 where that cannot be seen.

    Beside the time that passed it tells an engine that works long from a machine that is busy with other things.
    """
    if connection.vendor != "postgresql":
        return time.process_time()
    counts = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(counts.read_text().split()[0]) / 1e9 if counts.exists() else 0.0


def load(goals: Goals, before: str) -> None:
    """How many processes wait for a processor: what else the machine does while we measure."""
    goals.figure(f"load-before-{before}", os.getloadavg()[0], "processes")


def search_pages(client: Client, samples: list[dict[str, str]], goals: Goals) -> list[bool]:
    """The page of what was found."""
    met = []
    for _turn in range(WARM_UP):
        client.post("/customers/find/", urlencode({"q": "热"}))
    for kind, typed in TYPED.items():
        times = []
        for row in samples[:PAGE_SEARCHES]:
            body = urlencode({"q": typed(row)})
            times.append(1000 * seconds(lambda body=body: find(client, body)))
        met.append(goals.figure(f"find-{kind}-page-p95", p95(times), goal=goals.page))
    return met


def find(client: Client, body: str) -> None:
    """One search."""
    status, _where = client.post("/customers/find/", body)
    if status != 200:
        raise RuntimeError(f"the search answered {status}")


def pages(client: Client, samples: list[dict[str, str]], goals: Goals) -> list[bool]:
    """The list with each filter, and the card."""
    from crm_site.accounts.models import Employee

    keeper = Employee.objects.order_by("pk")[0].pk
    met = []
    for name, query in FILTERS.items():
        took = median_ms(partial(look, client, f"/customers/?{query.format(keeper=keeper)}"))
        met.append(goals.figure(f"filter-{name}-median", took, goal=goals.page))
    cards = itertools.cycle(samples)
    took = median_ms(lambda: look(client, f"/customers/{next(cards)['pk']}/"), rounds=30)
    return [*met, goals.figure("card-median", took, goal=goals.page)]


def look(client: Client, path: str) -> None:
    """One look at a page."""
    status, _text = client.ask("GET", path)
    if status != 200:
        raise RuntimeError(f"{path} answered {status}")


def seconds(act: Callable[[], Any]) -> float:
    """How long something takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def median_ms(act: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """The median time of something in milliseconds; the first two times warm up and do not count."""
    return statistics.median([1000 * seconds(act) for _turn in range(rounds + 2)][2:])


def p95(times: list[float]) -> float:
    """What 95 of a hundred stay below."""
    return sorted(times)[int(len(times) * 0.95)]


if __name__ == "__main__":
    sys.exit(main())
