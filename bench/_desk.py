"""The desk under load, from a client's side: twenty people press next together, and one saves call after call."""

from __future__ import annotations

import re
import statistics
import sys
import threading
import time
import urllib.parse
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bench import _seed, _shift
from bench._line import hidden_fields
from bench._night import archive
from bench._person import contented
from bench.figure import figure
from bench.pages import PASSWORD, Client
from tests.stack import Stack

#: the archive that the acceptance tests name, with its 20 callers; on SQLite they are 5
STORES, CARS, CALLS, TICKETS, CALLERS, CALLERS_SQLITE = 3, 120_000, 300_000, 5_000, 20, 5
DUE, ROUNDS, SAVED = 1_000, 5, 60
GOAL_CLAIM_MS, GOAL_NEXT_MS = 300, 200
#: the least that anybody can ask this machine for and have written: who is it, one column, and off to a page
LEAST = "/theme/"
CALL_PAGE = re.compile(r"/revisits/(\d+)/call/$")


@dataclass
class Rounds:
    """What the callers were given, and how long they waited."""

    handed_out: list[Counter[int]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    broken: int = 0
    #: web, database, client -> how long it had a processor
    busy: Counter[str] = field(default_factory=Counter)


def measure(stack: Stack, *, scale: float = 1) -> list[bool]:
    """Fill the archive, claim, save (on PostgreSQL); whether each figure meets its goal."""
    from crm_site.core import clock

    today, now = clock.today(), clock.now()
    seed = _seed.fill(vehicles=int(CARS * scale), stores=STORES, today=today, now=now, live_days=1)
    callers, suffix = (CALLERS, "") if stack.database else (CALLERS_SQLITE, "-sqlite")
    _seed.specialists(seed, callers, PASSWORD)
    _seed.past_calls(seed, int(CALLS * scale), today=today, now=now)
    _seed.tickets(seed, int(TICKETS * scale), today=today, now=now)
    stack.start_web()
    clients = [Client(stack.port, f"bench{number}") for number in range(callers)]
    return claims(stack, clients, suffix) + ([] if suffix else saves(clients[0]))


def claims(stack: Stack, clients: list[Client], suffix: str) -> list[bool]:
    """T01: a thousand due calls, everybody presses next until nothing is left, five times.

    Beside it what the same people wait for the least possible form: their number and the processors decide that alone.
    """
    from crm_site.core import clock

    found = Rounds()
    for _ in range(ROUNDS):
        forget_due_calls()
        _seed.due_calls(DUE, today=clock.today(), now=clock.now())
        _seed.analyse()
        looks, own = _shift.watch(stack), time.process_time()
        found.handed_out.append(one_round(clients, found))
        found.busy.update(looks.processor_seconds() | {"client": time.process_time() - own})
    twice = sum(times - 1 for counts in found.handed_out for times in counts.values())
    left = sum(DUE - len(counts) for counts in found.handed_out)
    waits, least = sorted(found.waits), sorted(at_once(clients, LEAST, DUE // len(clients)))
    floor = statistics.median(least)
    figure(f"revisits-claim-median{suffix}", 1000 * statistics.median(waits), "ms", other=1000 * floor)
    figure(f"revisits-claim-least-p95{suffix}", 1000 * least[int(len(least) * 0.95)], "ms")
    for part, seconds in found.busy.items():
        figure(f"revisits-claim-{part}-processor{suffix}", 1000 * seconds / len(waits), "ms/answer")
    return [
        figure(f"revisits-claim-p95{suffix}", 1000 * waits[int(len(waits) * 0.95)], "ms", goal=GOAL_CLAIM_MS),
        figure(f"revisits-claimed-twice{suffix}", twice, "calls", goal=0),
        figure(f"revisits-claims-left{suffix}", left, "calls", goal=0),
        figure(f"revisits-claim-failures{suffix}", found.broken, "answers", goal=0),
    ]


def one_round(clients: list[Client], found: Rounds) -> Counter[int]:
    """All press next together until each is told that nothing waits; how often each call was handed out."""
    barrier = threading.Barrier(len(clients))

    def press(client: Client) -> list[int]:
        barrier.wait()
        taken: list[int] = []
        while True:
            began = time.perf_counter()
            status, where = client.post("/revisits/next/")
            found.waits.append(time.perf_counter() - began)
            found.broken += status >= 500
            call = CALL_PAGE.search(where)
            if call is None:
                return taken
            taken.append(int(call[1]))

    with ThreadPoolExecutor(len(clients)) as pool:
        return Counter(call for taken in pool.map(press, clients) for call in taken)


def at_once(clients: list[Client], path: str, times: int) -> list[float]:
    """Seconds of each answer when all post to an address together, one after the other each."""
    barrier = threading.Barrier(len(clients))

    def post(client: Client) -> list[float]:
        barrier.wait()
        waits = []
        for _ in range(times):
            began = time.perf_counter()
            status, _where = client.post(path, "theme=light")
            assert status == 302, f"{path} answered {status}"
            waits.append(time.perf_counter() - began)
        return waits

    with ThreadPoolExecutor(len(clients)) as pool:
        return [wait for waits in pool.map(post, clients) for wait in waits]


def forget_due_calls() -> None:
    """Take the calls of the last round away."""
    from revisits.models import Revisit

    Revisit.objects.filter(state="due").delete()


def saves(client: Client) -> list[bool]:
    """From the click on save to the next call on screen, with a whole form filled in."""
    from crm_site.core import clock

    forget_due_calls()
    _seed.due_calls(DUE, today=clock.today(), now=clock.now())
    _seed.analyse()
    _status, where = client.post("/revisits/next/")
    times = []
    for _ in range(SAVED):
        page = client.ask("GET", where)[1]
        form = filled_in(page)
        time.sleep(0.02)
        began = time.perf_counter()
        status, following = client.post(where, form)
        assert status == 302, f"the call was not saved: {status}"
        page = client.ask("GET", following)[1]
        times.append(time.perf_counter() - began)
        assert CALL_PAGE.search(following), f"no call follows: {following}"
        where = following
    figure("revisits-save-to-next-p95", 1000 * sorted(times)[int(len(times) * 0.95)], "ms")
    return [figure("revisits-save-to-next-median", 1000 * statistics.median(times), "ms", goal=GOAL_NEXT_MS)]


def filled_in(page: str) -> str:
    """The call form as a caller sends it: every question answered with 9, completed, on to the next."""
    return urllib.parse.urlencode(hidden_fields(page) | dict(contented(page).fields) | {"go": "next"})


if __name__ == "__main__":
    with archive(embedded=sys.argv[2:] == ["sqlite"]) as running:
        sys.exit(0 if all(measure(running, scale=float(sys.argv[1]))) else 1)
