"""Complaints on a hundred thousand tickets of twenty stores: list, board and figures, and the month's reports.

`TICKETS=10000 make bench-complaints` measures a smaller register. Each page is asked by a director of all stores, who
sees most, and by a manager of one store; at the end stands the bare SQL of the widest query, which no page can beat.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

from bench import _month, _seed, _tickets
from bench._night import archive
from bench.figure import figure
from bench.pages import PASSWORD, Client
from tests.stack import Stack

TICKETS = int(os.environ.get("TICKETS", "100000"))
STORES = 20
ROUNDS, WARM_UP = 15, 3
GOAL_MS, GOAL_REPORT_S = 200, 10

#: name -> address
PAGES = {
    "list": "/complaints/",
    "list-closed": "/complaints/?tab=closed",
    "list-number": "/complaints/?number=TS0000777",
    "list-filtered": "/complaints/?category=service&level=L2&source=phone",
    "list-of-figure": "/complaints/?figure=received&span=12",
    "board": "/complaints/board/",
    "board-all-filtered": "/complaints/board/?level=L2",
    "figures-month": "/complaints/figures/",
    "figures-quarter": "/complaints/figures/?span=3",
    "figures-year": "/complaints/figures/?span=12",
    "figures-year-people": "/complaints/figures/?span=12&by=liable",
    "figures-year-models": "/complaints/figures/?span=12&by=series",
}


def main() -> int:
    """Fill, ask every page, build the reports; 1 when a goal is missed."""
    with archive(embedded=False) as stack:
        return 0 if all(measure(stack)) else 1


def measure(stack: Stack) -> list[bool]:
    """Whether each figure meets its goal."""
    from crm_site.core import clock

    today, now = clock.today(), clock.now()
    began = time.perf_counter()
    cars = max(2_000, _tickets.CARS * TICKETS // 100_000 // STORES * STORES)
    seed = _seed.fill(vehicles=cars, stores=STORES, today=today, now=now, live_days=_tickets.DAYS)
    staff = _tickets.people(seed, PASSWORD)
    _tickets.advise(seed, staff)
    _tickets.fill(seed, TICKETS, staff, now=now, today=today)
    tidy()
    print(f"{TICKETS} tickets of {STORES} stores written in {time.perf_counter() - began:.0f} s", flush=True)
    limit = median_ms(bare_count)
    stack.start_web()
    met = []
    for role in ("director", "manager"):
        client = Client(stack.port, f"bench-{role}")
        for name, path in PAGES.items():
            took = median_ms(partial(ask, client, path))
            met.append(figure(f"complaints-{name}-{role}-median", took, "ms", goal=GOAL_MS))
    figure("complaints-bare-count-year", limit, "ms")
    return [*met, month(seed), _month.figures()]


def tidy() -> None:
    """What autovacuum does in the minutes after such a load: statistics, and which pages an index alone may answer."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def month(seed: _seed.Seed) -> bool:
    """The drafts of the last month of all stores together, one after another: a thousand employees over all of them."""
    from crm_site.core import clock
    from crm_site.core.dates import month_of
    from crm_site.reports.actions import build_draft

    last = month_of(clock.today()).shift(-1).start
    began = time.perf_counter()
    for store in seed.stores:
        build_draft(store, last, None, now=clock.now())
    took = time.perf_counter() - began
    return figure(f"complaints-month-reports-{STORES}-stores", took, "s", goal=GOAL_REPORT_S)


def bare_count() -> None:
    """The widest question of the figures in plain SQL: how the year's tickets divide by category."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(p.code, c.code), count(*) FROM complaints_complaint t "
            "LEFT JOIN complaints_category c ON c.id = t.category_id "
            "LEFT JOIN complaints_category p ON p.id = c.parent_id "
            "WHERE t.received_on >= current_date - 365 AND t.validity = 'valid' AND t.state <> 'merged' GROUP BY 1"
        )
        cursor.fetchall()


def ask(client: Client, path: str) -> None:
    """One look at a page."""
    status, _text = client.ask("GET", path)
    if status != 200:
        raise RuntimeError(f"{path} answered {status}")


def median_ms(act: Callable[[], None]) -> float:
    """The median time of something in milliseconds; the first times warm up and do not count."""
    times = []
    for number in range(WARM_UP + ROUNDS):
        began = time.perf_counter()
        act()
        if number >= WARM_UP:
            times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
