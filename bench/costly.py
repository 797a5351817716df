"""The ten costliest pages of each role on the archive of the acceptance tests: none may take more than five seconds.

Walks every page that a role can reach, asks the slowest again, and prints the ten that stay slowest (T62). In this
process, so that nothing but the page is measured. `SCALE=0.1 make bench-costly` shrinks the archive, ONLY=manager asks
one role.
"""

from __future__ import annotations

import os
import statistics
import time
from typing import Any

from bench import _answers, _big, _desk, _seed
from bench._night import archive
from bench.figure import figure
from bench.pages import PASSWORD

SCALE = float(os.environ.get("SCALE") or "1")
RESPONSES = int(100_000 * SCALE)
ROLES = ("specialist", "manager", "director", "admin", "head")
ASKED = os.environ.get("ONLY", ",".join(ROLES)).split(",")
#: how long one role walks, how many pages are asked again, and how often
WALK_SECONDS, AGAIN, ROUNDS, SHOWN = 25.0, 12, 3, 10
GOAL_SECONDS = 5
#: a walk that shows fewer pages has not been let in
FEWEST = 60
#: what no link leads to: long spans, filters that find few or all, deep pages, words at the edge of what is taken
MORE = (
    *(f"/customers/?{query}" for query in _big.FILTERS.values() if "{" not in query),
    "/revisits/?show=1000000",
    "/revisits/all/?state=done",
    "/revisits/all/?sort=due_on&since=2020-01-01",
    "/complaints/?state=all&sort=received_at",
    "/complaints/figures/?span=12",
    "/satisfaction/?span=12",
    "/satisfaction/?kind=service&span=12&low=1",
    *(f"/satisfaction/by/{name}/?kind=service&span=12" for name in ("employee", "department", "series", "job_type")),
    "/satisfaction/responses/?kind=service&span=12&low=1",
    "/satisfaction/words/?kind=service&span=12",
    "/history/?before=1",
    "/customers/?" + "&".join(f"value={'a,' * 400}" for _ in range(3)),
)


def main() -> int:
    """Fill, walk as every role, ask again; 1 when a page takes too long."""
    with archive(embedded=False) as _stack:
        from django.conf import settings

        settings.RATE_LIMITS = False  # a walk asks faster than any hand
        filled = time.perf_counter()
        users = fill()
        print(f"filled in {time.perf_counter() - filled:.0f} s", flush=True)
        met = [costliest(role, users[role]) for role in ASKED]
    return 0 if all(met) else 1


def fill() -> dict[str, Any]:
    """The archive with calls, tickets, answers and a month's draft; gives a user of each role."""
    from django.core.management import call_command

    from crm_site.accounts.models import Employee, Membership, Posting, User
    from crm_site.core import clock
    from crm_site.reports.actions import build_draft
    from tests import factories

    factories.no_second_factor()
    today, now = clock.today(), clock.now()
    seed = _seed.fill(vehicles=int(_desk.CARS * SCALE), stores=_desk.STORES, today=today, now=now, live_days=365)
    _seed.specialists(seed, _desk.CALLERS, PASSWORD)
    _seed.past_calls(seed, int(_desk.CALLS * SCALE), today=today, now=now)
    _seed.tickets(seed, int(_desk.TICKETS * SCALE), today=today, now=now)
    _seed.due_calls(_desk.DUE, today=today, now=now)
    _answers.fill(seed.stores, RESPONSES, now=now, today=today, password=PASSWORD)
    users = {"specialist": seed.specialists[0].user}
    for role in ROLES[1:]:
        user, _new = User.objects.get_or_create(username=f"bench-{role}", defaults={"name": role})
        for store in seed.stores:
            Membership.objects.get_or_create(user=user, store=store, defaults={"role": role})
            one = Employee.objects.create(store=store, number=f"R-{role}", name=role, user=user)
            Posting.objects.create(employee=one, department="service", post="head", since=seed.stores[0].go_live_on)
        users[role] = user
    last = (today.replace(day=1) - _seed.timedelta(days=1)).replace(day=1)
    for store in seed.stores:
        began = time.perf_counter()
        build_draft(store, last, None, now=now)
        figure(f"costly-draft-of-{store.code}", time.perf_counter() - began, "s")
    call_command("rebuild_summaries", workers=os.cpu_count() or 1, verbosity=0)
    _seed.analyse()
    return users


def costliest(role: str, user: Any) -> bool:
    """Walk, ask the slowest again, print ten; whether the slowest of all met the goal."""
    from django.urls import reverse

    from tests.privacy import crawling

    client = signed_in(user)
    cards = [reverse("customers:card", args=[pk]) for pk in (1, 2, 3)]
    walk, ends, asked = crawling.walk(client, [*cards, *MORE]), time.perf_counter() + WALK_SECONDS, 0
    for _page in walk:
        asked += 1
        if time.perf_counter() > ends:
            break
    for path in MORE:
        if path not in client.took:
            client.get(path)
    again = sorted(client.took, key=client.took.__getitem__, reverse=True)[:AGAIN]
    times = {path: statistics.median(client.again(path) for _ in range(ROUNDS)) for path in again}
    slowest = sorted(times, key=times.__getitem__, reverse=True)[:SHOWN]
    failed = [path for path, status in client.ended.items() if status >= 500]
    shown = sum(status == 200 for status in client.ended.values())
    for place, path in enumerate(slowest, start=1):
        print(f"{role} {place}. {times[path]:.2f} s (first {client.took[path]:.2f} s) {path[:90]}", flush=True)
    print(f"{role}: {asked} pages walked, {len(failed)} failed {failed[:3]}", flush=True)
    first = max(client.took.values())
    figure(f"costly-{role}-first-asked", first, "s")
    met = [
        figure(f"costly-{role}-slowest", times[slowest[0]], "s", goal=GOAL_SECONDS),
        figure(f"costly-{role}-failed", len(failed), "pages", goal=0),
        figure(f"costly-{role}-shown", shown, "pages", goal=FEWEST, better="higher"),
    ]
    return all(met)


def signed_in(user: Any) -> Any:
    """A client of a user that notes how long each page took, and how it ended."""
    from django.test import Client

    class Timed(Client):
        """Django's client with a stopwatch."""

        took: dict[str, float] = {}
        ended: dict[str, int] = {}

        def get(self, path: str, *args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            answer = super().get(path, *args, **kwargs)
            answer.content if not answer.streaming else b"".join(answer)
            self.took[path], self.ended[path] = time.perf_counter() - began, answer.status_code
            return answer

        def again(self, path: str) -> float:
            """Seconds of one more look."""
            began = time.perf_counter()
            super().get(path)
            return time.perf_counter() - began

    client = Timed(raise_request_exception=False)
    client.took, client.ended = {}, {}
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
