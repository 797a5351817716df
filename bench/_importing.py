"""Brings files into a store and waits for what becomes of them."""

from __future__ import annotations

import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import _orders
from bench._watch import Progress

if TYPE_CHECKING:
    from crm_site.accounts.models import Store
    from crm_site.imports.models import ImportBatch
    from tests.stack import Stack

PATIENCE = 1_200.0
BRING = "from bench import _importing; _importing.bring_to_first_store({rows}, {first}, {patience})"


def staff_of_file(store: Store) -> None:
    """The people whom the file names."""
    from crm_site.accounts.models import Employee

    names = ("管理员", *_orders.ADVISORS, *_orders.TECHNICIANS)
    Employee.objects.bulk_create([Employee(store=store, number=f"{n}", name=name) for n, name in enumerate(names)])


def bring(store: Store, path: Path) -> ImportBatch:
    """Upload a file as old data; the worker does the rest."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from crm_site.core import clock
    from crm_site.imports.actions import batches as actions

    upload = SimpleUploadedFile("orders.xlsx", path.read_bytes())
    values: dict[str, Any] = {"layout": "", "historical": True, "submission": uuid.uuid4(), "now": clock.now()}
    return actions.upload(upload, store=store, by=store.employees.earliest("pk"), **values)


def wait(batch: ImportBatch, state: str, progress: Progress, patience: float = PATIENCE) -> None:
    """Until the batch has left a state, looking at its job's figures."""
    deadline = time.monotonic() + patience
    batch.refresh_from_db()
    while batch.state == state:
        assert time.monotonic() < deadline, f"still {state}"
        time.sleep(0.1)
        batch.refresh_from_db()
        job = batch.apply_job if state == "applying" else batch.stage_job
        progress.look((job.stage, job.done) if job else None)


def bring_to_first_store(rows: int, first: int, patience: float) -> None:
    """Bring a file of orders and have it written, in a process inside a stack; says how many rows came in."""
    from crm_site.accounts.models import Store
    from crm_site.core import clock
    from crm_site.imports.actions import batches as actions

    store = Store.objects.earliest("pk")
    if not store.employees.filter(name=_orders.ADVISORS[0]).exists():
        staff_of_file(store)
    with tempfile.TemporaryDirectory(prefix="huifang-bench-") as folder:
        path = Path(folder, f"orders-{first}.xlsx")
        _orders.write(path, rows, first=first)
        batch = bring(store, path)
    wait(batch, "reading", Progress(), patience)
    actions.confirm(batch.pk, by=batch.uploaded_by, now=clock.now())
    wait(batch, "applying", Progress(), patience)
    print(batch.state, batch.counts.get("applied", 0))


def bring_beside(stack: Stack, rows: int, *, first: int = 0, patience: float = PATIENCE) -> int:
    """Bring a file into a stack's first store while others work there; how many rows came in."""
    code = BRING.format(rows=rows, first=first, patience=patience)
    said = stack.manage("shell", "--no-imports", "-c", code).split()
    print(f"import of {rows} rows: {' '.join(said)}", flush=True)
    return int(said[-1]) if said[-2] == "applied" else 0
