"""Repair orders from upload to tables, beside the physical limit, beside a peer, and what it costs those who work.

ROWS=20000 make bench-import measures a smaller file. The peer reads a part of it, and its time is scaled to the whole.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from bench import _orders
from bench._demo import demo_world
from bench._importing import bring, staff_of_file, wait
from bench._watch import Memory, Progress, repeating
from bench.figure import figure
from tests.stack import Stack

if TYPE_CHECKING:
    from crm_site.accounts.models import Store
    from crm_site.imports.models import ImportBatch

ROWS = int(os.environ.get("ROWS") or 100_000)
#: the part of the file that the peer reads, and the file that is imported while people look at pages
PEER_ROWS = min(ROWS, 1_000)
BESIDE_ROWS = min(ROWS, 10_000)
#: the part of the demo world in which people work meanwhile
SCALE = 0.1
PAGES = ("/", "/customers/", "/revisits/")
PAUSE = 0.2


def main() -> int:
    """Measure everything in one run; 1 when a goal is missed."""
    with demo_world(scale=SCALE) as (stack, _), tempfile.TemporaryDirectory(prefix="huifang-bench-") as folder:
        import django

        django.setup()
        from django.db import connections

        try:
            return 0 if all(measure(stack, Path(folder))) else 1
        finally:
            connections.close_all()


def measure(stack: Stack, folder: Path) -> list[bool]:
    """Every figure in its turn; whether each meets its goal."""
    path, small, smallest = (folder / name for name in ("orders.xlsx", "beside.xlsx", "peer.xlsx"))
    _orders.write(path, ROWS)
    _orders.write(small, BESIDE_ROWS)
    _orders.write(smallest, PEER_ROWS, title=False)
    stack.start_web()
    stack.start_worker(2)
    warm_up(folder / "few.xlsx")
    store = new_store("M")
    met, batch, seconds = ours(stack, store, path)
    met += limit(store, batch, path, seconds)
    met += again(store, path)
    met += beside(stack, small)
    return met + peer(smallest, sum(seconds))


def ours(stack: Stack, store: Store, path: Path) -> tuple[list[bool], ImportBatch, tuple[float, float]]:
    """Upload to preview and confirm to applied, with the worker's memory and its reports."""
    from crm_site.core import clock
    from crm_site.imports.actions import batches as actions

    memory, progress = Memory(stack.processes["worker"].pid), Progress()
    with repeating(memory.look):
        started = time.monotonic()
        batch = bring(store, path)
        wait(batch, "reading", progress)
        read = time.monotonic() - started
        assert batch.counts["new"] == ROWS, (batch.state, batch.refusal, batch.counts)
        started = time.monotonic()
        actions.confirm(batch.pk, by=batch.uploaded_by, now=clock.now())
        wait(batch, "applying", progress)
        written = time.monotonic() - started
    assert batch.counts["applied"] == ROWS, (batch.state, batch.counts)
    met = [
        figure("import-memory", memory.peak, "MB", goal=400),
        figure("import-progress-gap", progress.gap, "s", goal=5),
    ]
    return met, batch, (read, written)


def limit(store: Store, batch: ImportBatch, path: Path, ours: tuple[float, float]) -> list[bool]:
    """The same rows by the shortest way, right after ours."""
    from bench import _limit
    from crm_site.imports.models import ImportBatch

    values = {"layout": batch.layout, "file": batch.file, "uploaded_at": batch.uploaded_at, "state": "applied"}
    other = new_store("L")
    copy = ImportBatch.objects.create(
        store=other, uploaded_by=other.employees.first(), submission=uuid.uuid4(), **values
    )
    preview = figure("import-preview", ours[0], "s", other=_limit.read_and_stage(path, copy), goal=3)
    return [preview, figure("import-apply", ours[1], "s", other=_limit.apply(store, batch, copy), goal=3)]


def again(store: Store, path: Path) -> list[bool]:
    """The same file once more changes nothing; the time until it says so."""
    before, started = trace(store), time.monotonic()
    batch = bring(store, path)
    wait(batch, "reading", Progress())
    seconds = time.monotonic() - started
    assert batch.counts["unchanged"] == ROWS, batch.counts
    writes = 0 if trace(store) == before else 1
    return [figure("import-again", seconds, "s"), figure("import-again-writes", writes, "tables", goal=0)]


def beside(stack: Stack, path: Path) -> list[bool]:
    """How fast pages are for people while a file is read and written."""
    from bench.pages import Client
    from crm_site.core import clock
    from crm_site.imports.actions import batches as actions

    client, times = Client(stack.port, "specialist1"), []

    def look() -> None:
        for page in PAGES:
            started = time.perf_counter()
            status, _text = client.ask("GET", page)
            assert status == 200, (page, status)
            times.append(1000 * (time.perf_counter() - started))

    look()
    times.clear()
    batch = bring(new_store("P"), path)
    with repeating(look, PAUSE):
        wait(batch, "reading", Progress())
        actions.confirm(batch.pk, by=batch.uploaded_by, now=clock.now())
        wait(batch, "applying", Progress())
    figure("import-interactive-median", statistics.median(times), "ms")
    return [figure("import-interactive-p95", statistics.quantiles(times, n=20)[-1], "ms", goal=800)]


def peer(path: Path, ours: float) -> list[bool]:
    """Rows a second of both together; the peer is measured on the first rows of the file only."""
    from bench import _peer

    seconds = _peer.run(path, new_store("I"))
    print(f"django-import-export: {PEER_ROWS} rows in {seconds:.1f} s (preview and import), taken to grow linearly")
    return [figure("import-vs-peer", ROWS / ours, "rows/s", other=PEER_ROWS / seconds, goal=15, better="higher")]


def warm_up(path: Path) -> None:
    """Wait for the worker, and let each of its processes do a job before the clock starts."""
    _orders.write(path, 10)
    for code in ("W1", "W2", "W3", "W4"):
        wait(bring(new_store(code), path), "reading", Progress())


# ---- helpers --------------------------------------------------------------------------------------------------------


def new_store(code: str) -> Store:
    """A store of its own, with the staff that the file names."""
    from crm_site.accounts.models import Store
    from crm_site.core import clock

    store = Store.objects.create(code=f"Z{code}", name=code, short_name=code, go_live_on=clock.today())
    staff_of_file(store)
    return store


def trace(store: Store) -> list[tuple]:
    """How many rows each business table of the store has, and the last transaction that wrote one."""
    from django.db import connection

    from bench._limit import TABLES

    with connection.cursor() as cursor:
        found = []
        for table in TABLES:
            writes = f"SELECT count(*), max(xmin::text::bigint) FROM {table._meta.db_table}"
            cursor.execute(f"{writes} WHERE store_id = %s", [store.pk])
            found.append(cursor.fetchone())
    return found
