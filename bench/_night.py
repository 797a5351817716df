"""One night of the generator on a big archive: candidate selection, the whole run, and the run after it."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from bench import _seed
from bench.figure import figure
from tests import environment
from tests.stack import Stack

STORES = 20
#: stores live for so long: the days before are history, as after a real start
LIVE_DAYS = 60
GOAL_SELECTION, GOAL_NIGHT, GOAL_SECONDS, GOAL_SECONDS_SQLITE = 2, 4, 90, 60
GOAL_MEMORY_MB = 400


def measure(vehicles: int, *, engine: str) -> list[bool]:
    """Fill an archive, let the nights of two months pass, then measure one; whether each figure meets its goal."""
    from crm_site.core import clock

    today, now = clock.today(), clock.now()
    started = time.perf_counter()
    seed = _seed.fill(vehicles=vehicles, stores=STORES, today=today, now=now, live_days=LIVE_DAYS)
    print(f"{seed.vehicles} cars and {seed.facts} facts written in {time.perf_counter() - started:.0f} s", flush=True)
    first = seconds(lambda: night(seed, today - timedelta(days=1)))
    figure(f"revisits-first-nights-{engine}", first, "s")
    _seed.analyse()
    plain = plain_inserts(seed, today)
    selection = seconds(lambda: select_candidates(seed, today))
    before = peak_memory()
    made: list[int] = []
    whole = seconds(lambda: made.append(night(seed, today)))
    again: list[int] = []
    second = seconds(lambda: again.append(night(seed, today)))
    print(f"plain {plain.rows} rows in {plain.seconds:.2f} s; the night made {made[0]}, again {again[0]}", flush=True)
    met = [
        figure(f"revisits-selection-{engine}", selection, "s", other=plain.seconds, goal=GOAL_SELECTION),
        figure(f"revisits-second-night-{engine}", second, "s", other=whole, goal=1),
        figure(f"revisits-second-night-made-{engine}", again[0], "rows", goal=0),
        figure(f"revisits-memory-{engine}", peak_memory(), "MB", goal=GOAL_MEMORY_MB),
        figure(f"revisits-memory-grown-{engine}", peak_memory() - before, "MB"),
        figure(f"revisits-night-{engine}-rows", made[0], "rows", better="higher"),
    ]
    if engine == "postgresql":
        met.append(figure("revisits-night-ratio", whole, "s", other=plain.seconds, goal=GOAL_NIGHT))
    limit = GOAL_SECONDS if engine == "postgresql" else GOAL_SECONDS_SQLITE
    met.append(figure(f"revisits-night-{engine}", whole, "s", goal=limit))
    return met


def night(seed: _seed.Seed, day: date) -> int:
    """The generator's run of a day in every store; gives how many calls it made."""
    from revisits.generator import generate

    return sum(generate(store.pk, day).made for store in seed.stores)


def select_candidates(seed: _seed.Seed, day: date) -> int:
    """Only the first step of the night: which facts have no call yet."""
    from revisits.generator import plans

    return sum(len(ids) for context, plan in looked_at(seed, day) for ids in plans.batches(context, plan))


def looked_at(seed: _seed.Seed, day: date) -> Iterator[tuple[Any, Any]]:
    """What each rule looks at in each store: the run's context and the plan."""
    from revisits.generator import plans
    from revisits.generator.context import context_for

    for store in seed.stores:
        context = context_for(store.pk, day, day)
        for plan in plans.plans(context):
            yield context, plan


class Plain:
    """What the plain statements wrote, and how long they took."""

    def __init__(self) -> None:
        self.rows, self.seconds = 0, 0.0


def plain_inserts(seed: _seed.Seed, day: date) -> Plain:
    """The same facts on the same anchor days by INSERT … SELECT … ON CONFLICT DO NOTHING, taken back afterwards."""
    from django.db import transaction

    found = Plain()
    with transaction.atomic():
        started = time.perf_counter()
        for context, plan in looked_at(seed, day):
            found.rows += _plain_insert(context, plan)
        found.seconds = time.perf_counter() - started
        transaction.set_rollback(True)
    return found


def _plain_insert(context: Any, plan: Any) -> int:
    """One rule of one store: every fact of its anchor days that has no call, with a day and a state and no more."""
    from django.db.models import Exists, OuterRef, Value

    from crm_site.core import clock, sql
    from revisits.generator import plans
    from revisits.models import Revisit

    rule, version, source = plan.rule.rule, plan.rule.versions[-1], plan.source
    store_id, day = context.store.pk, context.day
    values = {
        "rule": rule.pk, "rule_version": version.pk, "state": "due", "anchor_on": day, "due_on": day,
        "expires_on": day, "late": False, "priority": rule.priority, "tries_made": 0, "reason": "",
        "created_at": clock.now(), "version": 1,
    }  # fmt: skip
    called = Revisit.objects.filter(store_id=store_id, rule_id__in=plan.rule.ids, anchor_key=OuterRef("anchor_key"))
    first = min(plan.days) if source.told else plans.open_from(context, plan.days)
    facts = source.facts(store_id).annotate(anchor_key=source.key).filter(source.within(first, max(plan.days)))
    rows = facts.filter(~Exists(called)).order_by("pk")
    rows = rows.values_list("store_id", "anchor_key", *(Value(value) for value in values.values()))
    return sql.insert_select(Revisit, ("store", "anchor_key", *values), rows)


def seconds(work: Callable[[], Any]) -> float:
    """How long something takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def peak_memory() -> float:
    """The most memory that this process has used, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def archive(*, embedded: bool) -> Iterator[Stack]:
    """An empty migrated database of its own, on which this process's Django stands."""
    environment.enter()
    stack = Stack(embedded=embedded)
    try:
        os.environ |= {name: stack.env[name] for name in ("DATABASE_URL", "REDIS_URL", "HUIFANG_VAR")}
        import django

        django.setup()
        yield stack
    finally:
        from django.db import connections

        connections.close_all()
        stack.stop()
        environment.leave()


if __name__ == "__main__":
    on_sqlite = sys.argv[1] == "sqlite"
    with archive(embedded=on_sqlite):
        sys.exit(0 if all(measure(int(sys.argv[2]), engine=sys.argv[1])) else 1)
