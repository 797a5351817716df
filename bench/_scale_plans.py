"""Plain tables beside copies by store and by month: `BENCH_DATABASE=… python -m bench._scale_plans`.

The statements are those that the product sends, caught while it works; on a copy only the name of the table differs.
What PostgreSQL refuses when a table is copied with its constraints is printed: that is what breaks.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bench._big import standing
from bench._scale_parts import WAYS, Table, copied, partitions, rows, run, try_out
from bench.figure import figure

ROUNDS = 3
#: a statement that takes longer is asked once after warming up
LONG_MS = 300
#: how many partitions the time for planning is measured with
NUMBERS = (50, 200, 1_000)


TABLES = (
    Table("customers_repairorder", "checked_in_on"),
    Table("revisits_callattempt", "called_on"),
    Table("revisits_revisit", "due_on"),
    Table("satisfaction_response", "called_on"),
    Table("audit_entry", "at"),
    # it has no month at all; a quarter of its rows
    Table("customers_searchtoken", "", "mod(customer_id, 4) = 0"),
)


@dataclass
class Plan:
    """What EXPLAIN said: milliseconds for planning and for running, blocks read, partitions looked at."""

    planning: float
    running: float
    blocks: int
    partitions: int


@dataclass
class Caught:
    """The dearest statement of one page on one table."""

    page: str
    statement: str
    parameters: Sequence[Any] | None
    seconds: float = 0.0
    plans: dict[str, Plan] = field(default_factory=dict)


def main() -> int:
    """Catch, copy, explain, table by table."""
    with standing("postgresql"):
        caught = catch()
        for table in TABLES:
            compare(table, caught)
        planning_times()
    return 0


# ---- what the product asks -------------------------------------------------------------------------------------------


def catch() -> dict[str, list[Caught]]:
    """{table: for each page the statement on it that took longest}."""
    found: dict[str, list[Caught]] = {table.name: [] for table in TABLES}
    for page, act in asked():
        act()  # what is read once and kept is no part of a page
        for table, one in dearest(page, act).items():
            found[table].append(one)
    return found


def asked() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Pages, by the roles whose sight differs: one store, and all of them."""
    from django.test import Client as Inside

    from bench._scale_pages import drawn
    from crm_site.accounts.models import User

    paths = {
        "calls": "/revisits/all/", "customers": "/customers/?away=12", "responses": "/satisfaction/responses/",
        "home": "/", "indicators": "/revisits/indicators/",
    }  # fmt: skip
    for role in ("manager", "director"):
        inside = Inside()
        inside.force_login(
            User.objects.get(username=f"bench-{role}"), backend="django.contrib.auth.backends.ModelBackend"
        )
        row = drawn(f"bench-{role}")[0]
        # what a director's indicators count in all stores takes a minute, and tells nothing that a manager's do not
        seen = {name: path for name, path in paths.items() if (role, name) != ("director", "indicators")}
        own = seen | {"card": f"/customers/{row['pk']}/"} | ({"trail": "/history/"} if role == "manager" else {})
        for name, path in own.items():
            yield f"{role} {name}", partial(inside.get, path)
        for kind in ("name", "phone", "vin"):
            typed = {"q": row[kind]}
            yield f"{role} find {kind}", partial(inside.post, "/customers/find/", typed)


def dearest(page: str, act: Callable[[], Any]) -> dict[str, Caught]:
    """{table: the statement of an act that took longest on it}."""
    from django.db import connection

    found: dict[str, Caught] = {}

    def look(execute: Any, statement: str, parameters: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(statement, parameters, many, context)
        finally:
            took = time.perf_counter() - began
            for table in TABLES:
                known = found.get(table.name)
                is_dearer = known is None or took > known.seconds
                if f'"{table.name}"' in statement and statement.startswith(("SELECT", "(", "WITH")) and is_dearer:
                    found[table.name] = Caught(page, statement, parameters, took)

    with connection.execute_wrapper(look):
        act()
    return found


# ---- compared --------------------------------------------------------------------------------------------------------


def compare(table: Table, caught: dict[str, list[Caught]]) -> None:
    """Explain every statement on a table as it is and on copies of it; the copies are dropped again."""
    ways = [way for way in WAYS if way == "store" or table.month]
    statements = caught[table.name]
    with copied(table, "plain", ()) if table.sample else nullcontext("") as plain:
        for one in statements:
            one.plans["plain"] = explain(one, table.name, plain or table.name)
    for way in ways:
        with copied(table, way, partitions(table, way)) as copy:
            if table is TABLES[0]:
                try_out(copy)
            for one in statements:
                one.plans[way] = explain(one, table.name, copy)
    for one in statements:
        told = "  ".join(
            f"{way}: {plan.running:.1f} ms + {plan.planning:.1f} planning, {plan.blocks} blocks"
            + (f", {plan.partitions} partitions" if plan.partitions else "")
            for way, plan in one.plans.items()
        )
        print(f"{table.name} | {one.page} | {told}", flush=True)
    for way in ways:
        worst = [one.plans[way].running + one.plans[way].planning for one in statements]
        plain_ms = [one.plans["plain"].running + one.plans["plain"].planning for one in statements]
        if worst and sum(plain_ms):
            figure(f"scale-{table.name}-by-{way}", sum(worst), "ms", other=sum(plain_ms))


# ---- asking PostgreSQL -----------------------------------------------------------------------------------------------


def explain(one: Caught, table: str, copy: str) -> Plan:
    """The median of some runs of a statement on a copy of a table."""
    from django.db import connection

    statement = one.statement.replace(f'"{table}"', f'"{copy}"')
    plans = []
    for turn in range(ROUNDS + 1):
        if turn > 1 and plans[-1].running > LONG_MS:
            break
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", one.parameters)
            told = cursor.fetchone()[0]
        plans.append(read(told if isinstance(told, list) else json.loads(told), copy))
    counted = plans[1:]
    return Plan(
        statistics.median(plan.planning for plan in counted),
        statistics.median(plan.running for plan in counted),
        counted[-1].blocks,
        counted[-1].partitions,
    )


def read(told: list[dict[str, Any]], copy: str) -> Plan:
    """The figures of a plan in JSON."""
    whole = told[0]
    blocks = whole["Plan"]["Shared Hit Blocks"] + whole["Plan"]["Shared Read Blocks"]
    touched = {
        node["Relation Name"]
        for node in nodes(whole["Plan"])
        if node.get("Relation Name", "").startswith(f"{copy}_") and node["Actual Loops"]
    }
    return Plan(whole["Planning Time"], whole["Execution Time"], blocks, len(touched))


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node of a plan and all below it."""
    yield node
    for child in node.get("Plans", ()):
        yield from nodes(child)


def planning_times() -> None:
    """How long only planning takes with more and more partitions: of one row by its key, and of one store's rows."""
    for number in (1, *NUMBERS):
        by = "PARTITION BY HASH (store_id)" if number > 1 else ""
        run("DROP TABLE IF EXISTS scale_many")
        run(f"CREATE TABLE scale_many (LIKE customers_repairorder INCLUDING DEFAULTS) {by}")
        for part in range(number if number > 1 else 0):
            bounds = f"FOR VALUES WITH (MODULUS {number}, REMAINDER {part})"
            run(f"CREATE TABLE scale_many_{part} PARTITION OF scale_many {bounds}")
        run("CREATE INDEX ON scale_many (id)")
        run("CREATE INDEX ON scale_many (store_id, released_on)")
        for name, where in {"by-key": "id = 5", "of-a-store": "store_id = 5 AND released_on > '2026-01-01'"}.items():
            times = [
                read(rows(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM scale_many WHERE {where}")[0][0], "x")
                for _turn in range(5)
            ]
            figure(f"scale-planning-{name}-{number}-parts", statistics.median(one.planning for one in times), "ms")
    run("DROP TABLE scale_many")


if __name__ == "__main__":
    sys.exit(main())
