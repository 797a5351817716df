"""T44: a backup of the acceptance seed under load against pg_dump and tar, its restore against pg_restore and tar."""

from __future__ import annotations

import os
import random
import re
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import _seed
from bench.figure import figure
from tests import environment, prepared, servers
from tests.stack import Stack

STORES, CARS, CALLS, TICKETS = 3, 120_000, 300_000, 5_000
FILES, FILE_BYTES = 400, 250_000
WRITERS, COMPARED = 20, 20
GOAL_RATIO, GOAL_MINUTES = 1.5, 30


def main() -> int:
    """Fill, back up and restore both ways; 1 when a figure misses its goal. BENCH_SCALE shrinks the seed."""
    environment.enter()
    if not environment.on_servers():
        print("PostgreSQL is not installed: nothing to measure.")
        return 0
    stack = Stack(embedded=False)
    try:
        os.environ |= {name: stack.env[name] for name in ("DATABASE_URL", "HUIFANG_VAR")}
        import django

        django.setup()
        return 0 if all(measure(stack, float(os.environ.get("BENCH_SCALE") or 1))) else 1
    finally:
        from django.db import connections

        connections.close_all()
        stack.stop()
        environment.leave()


def measure(stack: Stack, scale: float) -> list[bool]:
    """Everything under the same load, each way once."""
    from django.conf import settings

    fill(scale)
    print(f"load average before: {os.getloadavg()[0]:.1f}", flush=True)
    bare, kept = stack.folder / "plain.pgdump", stack.folder / "kept"
    address = stack.env["DATABASE_URL"]
    dump = [servers.postgres_program("pg_dump"), "--format=custom", "--compress=1", f"--file={bare}", address]
    files = stack.folder / "plain.tar"
    pack = ["tar", "--create", f"--file={files}", f"--directory={settings.MEDIA_ROOT}", "."]
    with writing() as written:
        plain = seconds(lambda: one_after_the_other(dump, pack))
        ours, whole = own_seconds(lambda: stack.manage("backup", "--to", str(kept)))
    (backup,) = kept.iterdir()
    figure("backup-size", backup.stat().st_size / 1e6, "MB")
    figure("backup-written-meanwhile", written[0], "rows")
    figure("backup-with-start", whole, "s")
    met = [figure("backup-seconds", ours, "s", other=plain, goal=GOAL_RATIO)]
    with empty() as one, empty() as other:
        load = [servers.postgres_program("pg_restore"), "--no-owner", "--single-transaction", f"--dbname={one}", bare]
        into, beside = stack.folder / "new", stack.folder / "unpacked"
        beside.mkdir()
        unpack = ["tar", "--extract", f"--file={files}", f"--directory={beside}"]
        plain = seconds(lambda: one_after_the_other(load, unpack))
        ours, whole = own_seconds(lambda: stack.manage("restore", str(backup), "--into", other, "--files", str(into)))
        figure("restore-with-start", whole, "s")
        met += [
            figure("restore-seconds", ours, "s", other=plain, goal=GOAL_RATIO),
            figure("restore-minutes", whole / 60, "min", goal=GOAL_MINUTES),
            figure("restored-records-that-differ", differing(other), "records", goal=0),
            figure("restored-files-lacking", FILES - sum(path.is_file() for path in into.rglob("*")), "files", goal=0),
        ]
    return met


def fill(scale: float) -> None:
    """The acceptance seed and some uploaded files."""
    from crm_site.core import clock
    from crm_site.files import actions as files

    today, now = clock.today(), clock.now()
    seed = _seed.fill(vehicles=int(CARS * scale), stores=STORES, today=today, now=now, live_days=1)
    _seed.specialists(seed, WRITERS, "bench")
    _seed.past_calls(seed, int(CALLS * scale), today=today, now=now)
    _seed.tickets(seed, int(TICKETS * scale), today=today, now=now)
    values = {"store": seed.stores[0], "owner": None, "purpose": "attachment", "capability": "home", "now": now}
    for number in range(FILES):
        files.keep(os.urandom(FILE_BYTES), f"{number}.jpg", **values)


@contextmanager
def writing() -> Iterator[list[int]]:
    """Twenty writers beside the block, each adding a customer every 50 ms; gives how many rows they have written."""
    from django.db import connections

    from crm_site.accounts.models import Store
    from crm_site.core import clock
    from customers.models import Customer

    over, written, store = threading.Event(), [0], Store.objects.order_by("pk").first()

    def write() -> None:
        while not over.wait(0.05):
            Customer.objects.create(store=store, number=uuid.uuid4().hex[:20], name="压测", created_at=clock.now())
            written[0] += 1
        connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        yield written
    finally:
        over.set()
        for writer in writers:
            writer.join()


@contextmanager
def empty() -> Iterator[str]:
    """An empty database, as on a new machine."""
    name = f"restored_{uuid.uuid4().hex[:12]}"
    prepared.on_server(f"CREATE DATABASE {name}")
    try:
        yield environment.database_url(name)
    finally:
        prepared.on_server(f"DROP DATABASE {name} WITH (FORCE)")


def differing(url: str) -> int:
    """How many of twenty records, drawn by lot out of the big tables, are not what they were."""
    from crm_site.upkeep.backup.restoring import Place, seen_by_django
    from customers.models import Customer, RepairOrder, Vehicle
    from revisits.models import CallAttempt

    dice, found = random.Random(44), 0
    with seen_by_django(Place(url, Path()).entry) as alias:
        for number in range(COMPARED):
            rows = (Customer, RepairOrder, Vehicle, CallAttempt)[number % 4]._base_manager.order_by("pk")
            row = rows.using(alias).values()[dice.randrange(rows.using(alias).count())]
            found += row != rows.filter(pk=row["id"]).values().first()
    return found


def own_seconds(work: Callable[[], str]) -> tuple[float, float]:
    """How long a command worked by its own account, and how long it took with the start of the program, which is the
    same for the smallest installation and the biggest."""
    said: list[str] = []
    whole = seconds(lambda: said.append(work()))
    print(said[0], flush=True)
    return float(re.findall(r"([\d.]+) s(?: in all\.)?$", said[0], re.MULTILINE)[0]), whole


def one_after_the_other(*commands: list[Any]) -> None:
    """Run what an operator without our commands would type."""
    for command in commands:
        subprocess.run(command, check=True)


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.monotonic()
    work()
    return time.monotonic() - started
