"""The jobs that plan the undo of an import and carry it out: newest chunk first, each in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_site.core import clock, hooks
from crm_site.imports.actions import batches, undoing
from crm_site.imports.chunks import in_one
from crm_site.imports.models import AppliedChunk, BatchState, ImportBatch, UndoCase
from crm_site.imports.takeback import Known, Plan, Survey, take_back
from crm_site.jobs.errors import Cancelled
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run


@described(_("Plan the undo of an import"), {"plan": _("looking at what was written")})
def plan(job: Job, run: Run) -> dict[str, Any]:
    """Say what an undo would do: what goes, what goes back, what was edited since, what is referred to.

    First lets the rooms above withdraw what they derived and nobody has worked on. Run again it begins anew.
    """
    batch = _batch(job)
    if batch.state != BatchState.UNDOING:
        return {}
    try:
        counts = _plan_all(batch, run)
    except Cancelled:
        undoing.leave(batch.pk, by=None, now=clock.now())
        raise
    undoing.set_plan(batch.pk, counts=counts)
    return {"notice": batches.notice(batch, "import.undo_planned")}


@described(_("Undo an import"), {"undo": _("taking rows back")})
def undo(job: Job, run: Run) -> dict[str, Any]:
    """Take the chunks back that are not yet; run again it goes on with the next one."""
    batch = _batch(job)
    if batch.state == BatchState.UNDONE:  # an attempt died between its last commit and its end
        return _told(batch, batch.undo_counts)
    if batch.state != BatchState.UNDOING:
        return {}
    _undo_all(batch, run)
    counts = undoing.finish(batch.pk, by=job.requested_by, now=clock.now())
    return _told(batch, counts)


def _told(batch: ImportBatch, counts: dict[str, Any]) -> dict[str, Any]:
    told = {name: counts.get(name, 0) for name in ("deleted", "restored", "kept")}
    return {"counts": counts, "notice": batches.notice(batch, "import.undone", kind="ok", **told)}


def _batch(job: Job) -> ImportBatch:
    return ImportBatch.objects.select_related("store", "file", "uploaded_by").get(pk=job.payload["batch"])


def _left(batch: ImportBatch) -> Iterator[AppliedChunk]:
    """The chunks that are still in, newest first; fetched one by one, since each is big."""
    numbers = AppliedChunk.objects.filter(batch=batch, undone=False).order_by("-number")
    for number in list(numbers.values_list("number", flat=True)):
        yield AppliedChunk.objects.get(batch=batch, number=number)


def _plan_all(batch: ImportBatch, run: Run) -> dict[str, Any]:
    undoing.clear_cases(batch)
    total = AppliedChunk.objects.filter(batch=batch, undone=False).count() * 2
    run.progress(0, total, "plan")
    counts: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    done = 0
    for chunk in _left(batch):
        counts["withdrawn"] += in_one(run, partial(_withdraw, batch, chunk))
        done += 1
        run.progress(done, total, "plan")
    survey = Survey(batch, Known.of(batch))
    for chunk in _left(batch):
        found = survey.sort(chunk)
        in_one(run, partial(undoing.list_cases, batch, found.cases))
        counts += _sizes(found)
        rows.update({label: len(keys) for label, keys in found.delete.items()})
        done += 1
        run.progress(done, total, "plan")
    return {**counts, "rows": {label: number for label, number in rows.items() if number}}


def _undo_all(batch: ImportBatch, run: Run) -> None:
    total = AppliedChunk.objects.filter(batch=batch).count()
    done = AppliedChunk.objects.filter(batch=batch, undone=True).count()
    run.progress(done, total, "undo")
    known = Known.of(batch)
    for chunk in _left(batch):
        in_one(run, partial(_undo, batch, chunk, known))
        done += 1
        run.progress(done, total, "undo")


def _undo(batch: ImportBatch, chunk: AppliedChunk, known: Known) -> None:
    """One chunk, with what hangs on it."""
    withdrawn = _withdraw(batch, chunk)
    found = take_back(batch, chunk, known)
    for case in found.cases:
        case.decision = UndoCase.Decision.KEEP if case.kind == UndoCase.Kind.EDITED else ""
    undoing.list_cases(batch, found.cases)
    counts = _sizes(found) + Counter(withdrawn=withdrawn)
    settled = {label: list(keys) for label, keys in found.delete.items()}
    for label, rows in found.back.items():
        settled.setdefault(label, []).extend(row.pk for row in rows)
    undoing.chunk_taken_back(batch.pk, chunk, settled=settled, counts=counts)


def _withdraw(batch: ImportBatch, chunk: AppliedChunk) -> int:
    """Let the rooms above withdraw what follows from a chunk's rows and has not been worked on; gives how much."""
    rows = {label: list(keys) for label, keys in chunk.created.items()}
    for label, fields in chunk.updated.items():
        rows.setdefault(label, []).extend(int(pk) for pk in fields)
    return sum(hook(batch, rows).get("withdrawn", 0) for hook in hooks.load("BEFORE_UNDO"))


def _sizes(found: Plan) -> Counter[str]:
    deleted = sum(len(keys) for keys in found.delete.values())
    restored = sum(len(rows) for rows in found.restore.values())
    returned = sum(len(rows) for rows in found.back.values())
    return Counter(deleted=deleted, restored=restored, returned=returned) + found.counts
