"""Pages, searches and claims of one house, by three roles: `BENCH_DATABASE=… python -m bench._scale_pages FILE`.

The times go to FILE as JSON, {name: [median, p95]} in milliseconds, so that two houses can be laid side by side.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench._big import TYPED, standing, typed_of
from bench.pages import Client

ROUNDS, SEARCHES, CLAIMS, WARM_UP = 7, 9, 30, 2
#: an unnamed page is looked at so often, and told of only when it takes so long
SWEPT, SLOW_MS = 2, 300
LOGINS = {"specialist": "bench0", "manager": "bench-manager", "director": "bench-director"}
FILTERS = {
    "insurance": "insurance=30", "away": "away=12", "several": "value=gold,a&series=E7,V3&away=6&consent=yes",
    "rare": "value=gold&loyalty=complaining&birthday=2&insurance=14", "nobody": "value=drag&birthday=2&number=bad",
    "worth": "sort=worth",
}  # fmt: skip
PAGES = {
    "specialist": {
        "home": "/", "due": "/revisits/", "calls": "/revisits/all/", "bookings": "/customers/bookings/",
        "tickets": "/complaints/", "customers": "/customers/", "ahead": "/revisits/ahead/",
    },
    "manager": {
        "home": "/", "calls": "/revisits/all/", "team": "/revisits/team/", "tickets": "/complaints/",
        "ticket-figures": "/complaints/figures/", "customers": "/customers/", "scores": "/satisfaction/?kind=service",
        "items": "/satisfaction/items/?kind=service", "responses": "/satisfaction/responses/",
        "indicators": "/revisits/indicators/", "reports": "/reports/", "classes": "/customers/classes/",
        "trail": "/history/",
    },
    "director": {
        "home": "/", "calls": "/revisits/all/", "tickets": "/complaints/", "ticket-figures": "/complaints/figures/",
        "customers": "/customers/", "scores": "/satisfaction/?kind=service",
        "by-store": "/satisfaction/by/store/?kind=service", "items": "/satisfaction/items/?kind=service",
        "responses": "/satisfaction/responses/", "indicators": "/revisits/indicators/",
        "company": "/reports/company/", "classes": "/customers/classes/",
    },
}  # fmt: skip
#: pages that write, lead out of the house, or build a file
NOT_SWEPT = ("workbook", "export", "sign-", "link", "password", "account", "set-up", "look", "print", ".svg")

Times = dict[str, list[float]]


def main() -> int:
    """Ask everything and write the times down."""
    found: Times = {}
    with standing("postgresql") as stack:
        stack.start_web()
        for role, login in LOGINS.items():
            client = Client(stack.port, login)
            samples = drawn(login)
            found |= pages(role, client, samples)
            found |= searches(role, client, samples)
            if role == "specialist":
                found |= claims(role, client)
            if role == "director":
                found |= swept(role, client, {path.partition("?")[0] for path in PAGES[role].values()})
            print(f"{role}: asked (load average {os.getloadavg()[0]:.1f})", flush=True)
    Path(sys.argv[1]).write_text(json.dumps(found))
    return 0


def drawn(login: str) -> list[dict[str, str]]:
    """Customers of somebody's stores with what may be typed of them."""
    from crm_site.accounts.models import User
    from customers.models import Customer, VehicleRole

    dice = random.Random(11)
    stores = set(User.objects.get(username=login).memberships.values_list("store_id", flat=True))
    last = Customer.objects.order_by("-pk").values_list("pk", flat=True)[0]
    rows: list[dict[str, str]] = []
    while len(rows) < SEARCHES:
        some = [dice.randrange(1, last + 1) for _turn in range(100)]
        roles = VehicleRole.objects.filter(
            customer_id__in=some, store_id__in=stores, until=None, customer__customer_type="person"
        )
        for role in roles.select_related("customer", "vehicle").order_by("?"):
            order = role.vehicle.repair_orders.first()
            if order is None or role.customer.restricted:
                continue
            rows.append(typed_of(role, order=order.order_number))
    return rows[:SEARCHES]


def pages(role: str, client: Client, samples: list[dict[str, str]]) -> Times:
    """The named pages of a role, the list with filters, the card."""
    paths = PAGES[role] | {f"customers-{name}": f"/customers/?{query}" for name, query in FILTERS.items()}
    found = {f"{role}-{name}": timed(repeated(partial(look, client, path))) for name, path in paths.items()}
    cards = [partial(look, client, f"/customers/{row['pk']}/") for row in samples]
    return found | {f"{role}-card": timed([*cards[:WARM_UP], *cards])}


def searches(role: str, client: Client, samples: list[dict[str, str]]) -> Times:
    """The page of what was found, for every kind of word."""
    found = {}
    for kind, typed in TYPED.items():
        bodies = [urlencode({"q": typed(row)}) for row in samples]
        acts = [partial(send, client, "/customers/find/", body) for body in bodies]
        found[f"{role}-find-{kind}"] = timed([*acts[:WARM_UP], *acts])
    return found


def claims(role: str, client: Client) -> Times:
    """Taking the next call, again and again."""
    return {f"{role}-claim": timed([partial(send, client, "/revisits/next/", "")] * (CLAIMS + WARM_UP))}


def swept(role: str, client: Client, named: set[str]) -> Times:
    """Every other page whose address needs no number and that opens for this role."""
    found = {}
    for path in addresses():
        if path in named or any(word in path for word in NOT_SWEPT):
            continue
        began = time.perf_counter()
        if client.ask("GET", path)[0] == 200 and time.perf_counter() - began < 60:
            found[f"{role}-swept:{path}"] = timed([partial(look, client, path)] * (SWEPT + WARM_UP))
    return found


def addresses() -> Iterator[str]:
    """All addresses without a number in them."""
    from django.urls import get_resolver

    def walk(resolver: Any, before: str) -> Iterator[str]:
        for one in resolver.url_patterns:
            path = before + str(one.pattern)
            if hasattr(one, "url_patterns"):
                yield from walk(one, path)
            elif "<" not in path and "(" not in path:
                yield path

    return walk(get_resolver(), "/")


def look(client: Client, path: str) -> None:
    """One look at a page."""
    status, _text = client.ask("GET", path)
    if status != 200:
        raise RuntimeError(f"{path} answered {status}")


def send(client: Client, path: str, body: str) -> None:
    """One form sent."""
    status, _where = client.post(path, body)
    if status not in {200, 302}:
        raise RuntimeError(f"{path} answered {status}")


def repeated(act: Callable[[], None]) -> list[Callable[[], None]]:
    """One thing as often as it is measured, with what warms up."""
    return [act] * (ROUNDS + WARM_UP)


def timed(acts: list[Callable[[], None]]) -> list[float]:
    """Median and p95 in milliseconds; the first two warm up and do not count."""
    times = []
    for act in acts:
        began = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - began))
    counted = sorted(times[WARM_UP:])
    return [statistics.median(counted), counted[int(len(counted) * 0.95)]]


if __name__ == "__main__":
    sys.exit(main())
