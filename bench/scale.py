"""A house of 50 stores and 5,000,000 customers beside one of 3 stores and 100,000: what grows with the house.

`make bench-scale` takes two hours and 60 GB of disk: filling, pages and searches of three roles, tables partitioned by
store and by month, one and two web processes, one to four worker processes. `CUSTOMERS=100000 STORES=10` tries it;
ONLY=pages measures one part (pages plans work). `BENCH_SERVER=postgres://huifang@127.0.0.1:5433` names a PostgreSQL
whose databases are kept: what is filled there once is measured again. See docs/scaling.md.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from bench import _scale_fill, _scale_pages, _scale_plans, _scale_work
from bench.figure import figure
from tests import environment, prepared, servers
from tests.stack import add_reference_rows, migrated_database

CUSTOMERS = int(os.environ.get("CUSTOMERS") or 5_000_000)
STORES = int(os.environ.get("STORES") or 50)
#: megabytes; PostgreSQL as an operator would set it up on a machine of 24 GB
MEMORY = {"shared_buffers": "3GB", "effective_cache_size": "12GB", "max_wal_size": "12GB"}
SIZES = """
SELECT relname, n_live_tup, pg_table_size(relid) / 1e6, pg_indexes_size(relid) / 1e6 FROM pg_stat_user_tables
 WHERE pg_total_relation_size(relid) > 20000000 ORDER BY pg_total_relation_size(relid) DESC
"""


class House(NamedTuple):
    """One database: its name, its stores and customers."""

    name: str
    stores: int
    customers: int


SMALL = House("small", 3, 100_000)
BIG = House("big", STORES, CUSTOMERS)


def main() -> int:
    """Fill what is not filled, then measure part by part; 1 when something failed."""
    only = os.environ.get("ONLY")
    with server() as address:
        for house in (SMALL, BIG):
            fill(house, address)
            say_sizes(house, address)
        codes = []
        if only in {None, "", "pages"}:
            codes.append(side_by_side(address))
        if only in {None, "", "plans"}:
            codes.append(part(_scale_plans, f"{address}/{BIG.name}"))
        if only in {None, "", "work"}:
            codes.append(part(_scale_work, f"{address}/{BIG.name}"))
    return int(any(codes))


class Roomy(servers.Postgres):
    """A PostgreSQL of this measurement alone, with memory."""

    def command(self) -> list[str]:
        """As for tests, but for the memory and the log of changes."""
        return [*super().command(), *(part for key, value in MEMORY.items() for part in ("-c", f"{key}={value}"))]


@contextmanager
def server() -> Iterator[str]:
    """The address of a PostgreSQL: that of BENCH_SERVER, or one that is removed afterwards."""
    environment.enter()
    if not environment.on_servers():
        raise SystemExit("This measurement needs PostgreSQL and Redis.")
    named, own = os.environ.get("BENCH_SERVER"), Roomy()
    try:
        if not named:
            own.start()
        yield (named or own.url("")).rstrip("/")
    finally:
        own.stop()
        environment.leave()


def fill(house: House, address: str) -> None:
    """Make the database of a house unless there is one that is filled."""
    import psycopg2

    line = psycopg2.connect(f"{address}/postgres")
    line.autocommit = True
    cursor = line.cursor()
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [house.name])
    is_new = cursor.fetchone() is None
    if is_new:
        cursor.execute(f"CREATE DATABASE {house.name}")
    line.close()
    url = f"{address}/{house.name}"
    if is_new:
        prepared.carry_over(migrated_database(), url)
        add_reference_rows(dict(os.environ, DATABASE_URL=url))
    part(_scale_fill, url, str(house.stores), str(house.customers))


def part(module: ModuleType, url: str, *arguments: str) -> int:
    """Run one part on a database, in a process of its own; gives its exit code."""
    command = [sys.executable, "-m", module.__name__, *arguments]
    print(f"--- {' '.join(command[2:])} (load average {os.getloadavg()[0]:.1f}) ---", flush=True)
    env = os.environ | {"DATABASE_URL": url, "BENCH_DATABASE": url}
    return subprocess.run(command, env=env, check=False).returncode


def say_sizes(house: House, address: str) -> None:
    """Rows and megabytes of every big table, and of its indexes."""
    import psycopg2

    line = psycopg2.connect(f"{address}/{house.name}")
    cursor = line.cursor()
    cursor.execute(SIZES)
    print(f"{house}: rows, MB, MB of indexes", flush=True)
    for name, rows, table, indexes in cursor.fetchall():
        print(f"  {name:34} {rows:>12,} {table:>8,.0f} {indexes:>8,.0f}", flush=True)
    cursor.execute("SELECT pg_database_size(current_database()) / 1e6")
    figure(f"scale-{house.name}-database", cursor.fetchone()[0], "MB")
    line.close()


def side_by_side(address: str) -> int:
    """Pages of both houses; the small one's times stand beside those of the big one."""
    with tempfile.TemporaryDirectory() as folder:
        found = {}
        for house in (SMALL, BIG):
            kept = Path(folder, house.name)
            code = part(_scale_pages, f"{address}/{house.name}", str(kept))
            if code:
                return code
            found[house.name] = json.loads(kept.read_text())
    compare(found[SMALL.name], found[BIG.name])
    return 0


def compare(small: dict[str, list[float]], big: dict[str, list[float]]) -> None:
    """A figure for each page; of those that were only looked at in passing, for the slow ones."""
    for name, (median, p95) in big.items():
        is_swept = "swept:" in name
        if is_swept and median < _scale_pages.SLOW_MS:
            continue
        beside = small.get(name)
        figure(f"scale-{name}-median", median, "ms", other=beside[0] if beside else None)
        if not is_swept:
            figure(f"scale-{name}-p95", p95, "ms", other=beside[1] if beside else None)


if __name__ == "__main__":
    sys.exit(main())
