"""The job that writes a confirmed batch: each chunk in one transaction, compared once more with what stands by then."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_site.core import clock
from crm_site.core.sql import update_rows
from crm_site.imports import layout, rulings
from crm_site.imports.actions import batches as actions
from crm_site.imports.agreement import Agreement
from crm_site.imports.chunks import in_one
from crm_site.imports.journal import Journal
from crm_site.imports.layout import Context, Judgement, Layout
from crm_site.imports.models import BatchState, ImportBatch, StagedRow, Verdict
from crm_site.imports.staging import context_of, row_of
from crm_site.jobs.errors import Cancelled
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run

#: Rows of one transaction; SQLite has one writer, and people work meanwhile.
CHUNK = 1_000
WRITES = (Verdict.NEW, Verdict.CHANGED)
#: What is kept with a row that was written, and with one that was not.
NOTED = ("verdict", "changes", "target_type", "target_id", "applied")
ALL_NOTED = (*NOTED, "findings")


@described(_("Import a spreadsheet"), {"write": _("writing rows")})
def apply(job: Job, run: Run) -> dict[str, Any]:
    """Write the new and changed rows of a confirmed batch; run again it goes on behind the last chunk that stands."""
    batch = ImportBatch.objects.select_related("store", "file", "uploaded_by", "applied_by").get(
        pk=job.payload["batch"]
    )
    if batch.state == BatchState.APPLIED:  # an attempt died between its last commit and its end: tell what it did
        return _told(batch, batch.counts)
    if batch.state != BatchState.APPLYING:
        return {}
    wanted = layout.get(batch.layout).at(batch.store)
    try:
        _write_all(batch, wanted, run)
    except Cancelled:
        if actions.waiting_rows(batch):
            actions.stop_applying(batch.pk, counts=actions.count_rows(batch))
        else:  # asked too late: what follows an import must not be lost
            actions.finish_applying(batch.pk, counts=actions.count_rows(batch), now=clock.now())
        raise
    counts = actions.finish_applying(batch.pk, counts=actions.count_rows(batch), now=clock.now())
    return _told(batch, counts)


def _told(batch: ImportBatch, counts: dict[str, Any]) -> dict[str, Any]:
    """The job's result, with the notice to whoever confirmed."""
    told = {verdict: counts.get(verdict, 0) for verdict in (Verdict.NEW, Verdict.CHANGED, Verdict.UNCHANGED)}
    return {"counts": counts, "notice": actions.notice(batch, "import.applied", kind="ok", **told)}


def _write_all(batch: ImportBatch, wanted: Layout, run: Run) -> None:
    """Chunk after chunk, until nothing is left to write."""
    context = context_of(batch)
    context.is_writing = True
    agreement = Agreement(batch)
    waiting = StagedRow.objects.filter(batch=batch, applied=False, verdict__in=WRITES)
    done = StagedRow.objects.filter(batch=batch, applied=True).count()
    total = done + waiting.count()
    run.progress(done, total, "write")
    last = 0

    def write_next() -> list[StagedRow]:
        chunk = list(waiting.filter(pk__gt=last).defer("raw").order_by("pk")[:CHUNK])
        if chunk:
            actions.add_effects(batch.pk, _write(context, wanted, chunk, agreement))
        return chunk

    while chunk := in_one(run, write_next):
        last = chunk[-1].pk
        done += len(chunk)
        run.progress(done, max(total, done), "write")


def _write(context: Context, wanted: Layout, chunk: list[StagedRow], agreement: Agreement) -> Counter[str]:
    """Compare the rows anew and write those that still do what was shown; gives what was written beside them."""
    rows = [row_of(wanted, staged) for staged in chunk]
    context.journal = Journal()
    context.roster.resolve(wanted, rows)
    rulings.obey(context.batch.answers, rows)
    for staged, row in zip(chunk, rows, strict=True):
        agreement.bind(staged, row)
    judged = list(wanted.compare(context, rows))
    for staged, one in zip(chunk, judged, strict=True):
        agreement.flag(staged, one)
    writable = [one for one in judged if one.verdict in WRITES and not one.row.is_refused]
    beside = Counter(wanted.apply(context, writable) if writable else {})
    context.journal.keep(context.batch, context.now)
    agreement.written(context.journal)
    _note(chunk, judged)
    return beside


def _note(chunk: list[StagedRow], judged: list[Judgement]) -> None:
    """Keep with each staged row what it became and whether it was written."""
    for staged, one in zip(chunk, judged, strict=True):
        staged.verdict = Verdict.PROBLEM if one.row.is_refused else one.verdict
        staged.applied = staged.verdict in WRITES
        staged.target_type, staged.target_id = one.target_type, one.target_id
        staged.changes = one.changes
        if not staged.applied:
            staged.findings = rulings.refreshed(staged.findings, one.row.findings)
    written = [staged for staged in chunk if staged.applied]
    for rows, columns in ((written, NOTED), ([staged for staged in chunk if not staged.applied], ALL_NOTED)):
        update_rows(StagedRow, columns, [(staged.pk, *(getattr(staged, name) for name in columns)) for staged in rows])
