"""Copies of a table in parts, by store and by month, with its indexes; says what PostgreSQL refuses to carry over."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

WAYS = ("store", "month")


@dataclass(frozen=True)
class Table:
    """A table that would be partitioned: the column of its months, the part of its rows that is copied."""

    name: str
    month: str
    #: SQL condition; the plain table is copied too then, so that equal is compared with equal
    sample: str = ""


def partitions(table: Table, way: str) -> list[tuple[str, str]]:
    """(name, bounds) of each partition."""
    if way == "store":
        # rows of no store at all (the trail has some) need a place too
        kept = [(f"p{key}", f"FOR VALUES IN ({key})") for (key,) in rows("SELECT id FROM accounts_store")]
        return [*kept, ("none", "DEFAULT")]
    column, name = table.month, table.name
    months = rows(
        f"SELECT generate_series(date_trunc('month', min({column})), max({column}), '1 month')::date FROM {name}"
    )
    kept = [
        (f"m{first:%Y%m}", f"FOR VALUES FROM ('{first}') TO ('{first:%Y-%m-01}'::date + interval '1 month')")
        for (first,) in months
    ]
    return [*kept, ("none", "DEFAULT")]


@contextmanager
def copied(table: Table, way: str, parts: Sequence[tuple[str, str]]) -> Iterator[str]:
    """A copy of a table with its indexes; says what could not be carried over."""
    name = f"scale_{way}_{table.name}"
    by = {"store": "PARTITION BY LIST (store_id)", "month": f"PARTITION BY RANGE ({table.month})"}.get(way, "")
    began = time.monotonic()
    run(f"DROP TABLE IF EXISTS {name}")
    run(f"CREATE TABLE {name} (LIKE {table.name} INCLUDING DEFAULTS) {by}")
    for part, bounds in parts:
        run(f"CREATE TABLE {name}_{part} PARTITION OF {name} {bounds}")
    where = f" WHERE {table.sample}" if table.sample else ""
    run("SET maintenance_work_mem = '1GB'")
    run(f"INSERT INTO {name} SELECT * FROM {table.name}{where}")
    kept_out = carry_over(table.name, name)
    run(f"VACUUM ANALYZE {name}")
    print(f"{name}: {len(parts) or 1} parts in {time.monotonic() - began:.0f} s", flush=True)
    for line in kept_out if way != "plain" else ():
        print(f"   breaks: {line}", flush=True)
    try:
        yield name
    finally:
        run(f"DROP TABLE {name}")


def refused(statement: str) -> str:
    """What PostgreSQL says against a statement, or ''; what it did is taken back."""
    from django.db import DatabaseError, transaction

    try:
        with transaction.atomic():
            run(statement)
            transaction.set_rollback(True)
    except DatabaseError as problem:
        return str(problem).splitlines()[0]
    return ""


#: what the product does with its tables, tried on a copy of the repair orders
TRIES = {
    "a key from another table": "ALTER TABLE revisits_revisit ADD FOREIGN KEY (repair_order_id) "
    "REFERENCES {copy} (id) NOT VALID",
    "a key that names the store too": "CREATE UNIQUE INDEX ON {copy} (store_id, id); ALTER TABLE revisits_revisit "
    "ADD FOREIGN KEY (store_id, repair_order_id) REFERENCES {copy} (store_id, id) NOT VALID",
    "an insert that meets its natural key": "INSERT INTO {copy} SELECT * FROM {copy} LIMIT 1 "
    "ON CONFLICT (store_id, order_number) DO NOTHING",
    "an insert that meets anything": "INSERT INTO {copy} SELECT * FROM {copy} LIMIT 1 ON CONFLICT DO NOTHING",
    "a row goes to another store": "UPDATE {copy} SET store_id = (SELECT max(id) FROM accounts_store) "
    "WHERE id = (SELECT min(id) FROM {copy})",
}


def try_out(copy: str) -> None:
    """Say of each thing that the product does whether a partitioned table allows it."""
    for what, statement in TRIES.items():
        told = refused(statement.format(copy=copy))
        print(f"   {copy}: {what}: {told or 'allowed'}", flush=True)


def carry_over(table: str, copy: str) -> list[str]:
    """Make the indexes and unique constraints of a table for its copy; gives the refusals."""
    from django.db import ProgrammingError
    from django.db.utils import NotSupportedError

    refused = []
    found = rows("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", [table])
    for number, (index, definition) in enumerate(found):
        other = re.sub(r"INDEX \S+ ON \S+", f"INDEX {copy}_{number} ON {copy}", definition, count=1)
        try:
            run(other)
        except (ProgrammingError, NotSupportedError) as problem:
            refused.append(f"{index}: {str(problem).splitlines()[0]}")
            if "UNIQUE" in other:  # the search by it stays
                run(other.replace("UNIQUE ", "", 1))
    return refused


def run(statement: str, parameters: Sequence[Any] | None = None) -> None:
    """One statement that gives nothing."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def rows(statement: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    """All rows that a statement gives."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()
