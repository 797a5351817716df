"""Every change of an import batch: brought, read, refused, confirmed, written, stopped, given up."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.files import actions as files
from crm_site.files.models import StoredFile
from crm_site.imports.actions import sources
from crm_site.imports.models import AppliedChunk, BatchState, ImportBatch, StagedRow, UndoCase, Verdict
from crm_site.jobs import actions as jobs
from crm_site.jobs.models import Job, State

STAGE, APPLY = "import.stage", "import.apply"
CAPABILITY = "imports.run"


def upload(
    upload: UploadedFile,
    *,
    store: Store,
    layout: str,
    by: Employee,
    submission: uuid.UUID,
    historical: bool,
    now: datetime,
) -> ImportBatch:
    """Take a file in and have it read; `layout` is a code, or '' to be recognised by its columns.

    The same submission again gives the batch of the first. Refuses an empty or too large file (RuleBroken).
    """
    there = ImportBatch.objects.filter(store=store, submission=submission).first()
    if there is not None:
        return there
    stored = files.accept(
        upload, store=store, owner=by, purpose=StoredFile.Purpose.IMPORT, capability=CAPABILITY, now=now
    )
    values = {"layout": layout, "file": stored, "uploaded_by": by, "uploaded_at": now, "historical": historical}
    return _open(store, submission, values)


@transaction.atomic
def _open(store: Store, submission: uuid.UUID, values: dict[str, Any]) -> ImportBatch:
    """The batch of a stored file, and the job that reads it."""
    batch, is_new = ImportBatch.objects.get_or_create(store=store, submission=submission, defaults=values)
    if is_new:
        by = batch.uploaded_by
        batch.stage_job = jobs.enqueue(STAGE, str(batch.pk), store=store, payload={"batch": batch.pk}, by=by)
        batch.save(update_fields=["stage_job"])
        trail.record(by, "import.uploaded", batch, file=batch.file_id, layout=batch.layout)
    return batch


@transaction.atomic
def confirm(batch_id: int, *, by: Employee, now: datetime, shown: str | None = None) -> ImportBatch:
    """Have the previewed rows written in the background; also continues an import that was stopped or broke off.

    So are rows of a written import that were left for a decision. `shown` is the stamp of the preview that was looked
    at. Refuses any other batch, one without anything to write, and one that shows something else by now.
    """
    batch = locked(batch_id)
    is_stuck = batch.state == BatchState.APPLYING and not _is_open(batch.apply_job)
    if batch.state not in {BatchState.PREVIEW, BatchState.APPLIED} and not is_stuck:
        raise RuleBroken(_("This import is not waiting to be confirmed any more. Reload to see where it stands."))
    if shown is not None and shown != batch.stamp and not is_stuck:
        raise RuleBroken(_("The preview has changed meanwhile. Look at it once more, then confirm."), code="stale")
    if not waiting_rows(batch) and not is_stuck and not is_unfinished(batch):  # else the job only ends it
        raise RuleBroken(_("There is nothing to write: no row is new or changed."), code="nothing")
    payload = {"batch": batch.pk}
    lane = f"import:{batch.store_id}"
    batch.state, batch.applied_by, batch.applied_at = BatchState.APPLYING, by, None
    batch.apply_job = jobs.enqueue(APPLY, _key(batch), store=batch.store, payload=payload, lane=lane, by=by)
    batch.save(update_fields=["state", "applied_by", "applied_at", "apply_job"])
    trail.record(by, "import.confirmed", batch, rows=waiting_rows(batch))
    return batch


def _key(batch: ImportBatch) -> str:
    """The business key of the writing: the same while it is to go on, another one once a writing has ended."""
    last = batch.apply_job
    if last is None:
        return str(batch.pk)
    return f"{batch.pk}:{last.pk}" if last.state == State.DONE else str(last.key)


@transaction.atomic
def abandon(batch_id: int, *, by: Employee) -> ImportBatch:
    """Give a batch up before anything is written, and forget its rows; refuses one that is writing or written."""
    batch = locked_behind(batch_id, "stage_job")
    if batch.state not in {BatchState.READING, BatchState.PREVIEW} or batch.counts.get("applied"):
        raise RuleBroken(_("Rows of this import are written already. It cannot be given up any more."))
    if batch.stage_job and batch.stage_job.is_open:
        jobs.cancel(batch.stage_job.pk, by=by)
    batch.state = BatchState.CANCELLED
    batch.save(update_fields=["state"])
    clear_rows(batch)
    trail.record(by, "import.abandoned", batch)
    return batch


@transaction.atomic
def stop(batch_id: int, *, by: Employee) -> ImportBatch:
    """Stop the writing within a few seconds, or let go of one that broke off.

    What is written stays, until it is undone; the rest can be confirmed again.
    """
    batch = locked_behind(batch_id, "apply_job")
    if batch.state != BatchState.APPLYING or batch.apply_job is None:
        raise RuleBroken(_("Nothing is being written. Reload to see where this import stands."))
    if not batch.apply_job.is_open:
        trail.record(by, "import.stopped", batch)
    elif jobs.cancel(batch.apply_job.pk, by=by).ended_at is None:
        return batch  # the worker stops it, and then says so of the batch
    stop_applying(batch.pk, counts=count_rows(batch))
    batch.refresh_from_db()
    return batch


@transaction.atomic
def read_again(batch_id: int, *, by: Employee) -> ImportBatch:
    """Let the reading of a file that broke off begin anew."""
    batch = locked(batch_id)
    if batch.state != BatchState.READING or batch.stage_job is None:
        raise RuleBroken(_("This file has been read. Reload to see where the import stands."))
    jobs.retry(batch.stage_job.pk, by=by)
    return batch


def waiting_rows(batch: ImportBatch) -> int:
    """How many rows a confirmation would write."""
    return StagedRow.objects.filter(batch=batch, applied=False, verdict__in=[Verdict.NEW, Verdict.CHANGED]).count()


def is_unfinished(batch: ImportBatch) -> bool:
    """Whether rows of a batch are written without its end, and its rows are known still."""
    return batch.state == BatchState.PREVIEW and bool(batch.counts.get("applied")) and batch.rows.exists()


def count_rows(batch: ImportBatch) -> dict[str, int]:
    """How many rows of each verdict there are now, and how many are written."""
    rows = StagedRow.objects.filter(batch=batch).order_by()
    counts = {line["verdict"]: line["n"] for line in rows.values("verdict").annotate(n=Count("pk"))}
    return counts | {"applied": rows.filter(applied=True).count()}


# ---- by the jobs ----------------------------------------------------------------------------------------------------


def clear_rows(batch: ImportBatch) -> None:
    """Remove the staged rows of a batch, of which none is written."""
    StagedRow.objects.filter(batch=batch, applied=False).delete()


@transaction.atomic
def set_preview(
    batch_id: int,
    *,
    layout: str,
    reading: dict[str, Any],
    counts: dict[str, int],
    answers: dict[str, Any],
    questions: list[dict[str, Any]],
    now: datetime,
) -> None:
    """The file is read: what was recognised, how many rows of each kind it holds, what is still to be asked.

    `answers` are those that were obeyed, with what was kept of earlier files of the source; they are kept again.
    """
    batch = locked(batch_id)
    if batch.state == BatchState.READING:
        batch.state, batch.layout, batch.reading, batch.counts = BatchState.PREVIEW, layout, reading, counts
        batch.answers, batch.questions = answers, questions
        batch.save(update_fields=["state", "layout", "reading", "counts", "answers", "questions"])
        sources.remember(batch, now=now)
    else:  # given up while it was read
        clear_rows(batch)


@transaction.atomic
def refuse(batch_id: int, *, code: str, detail: dict[str, Any], reading: dict[str, Any]) -> None:
    """The file as a whole cannot be taken; what was seen of it is kept for choosing its columns by hand."""
    batch = locked(batch_id)
    clear_rows(batch)
    if batch.state == BatchState.READING:
        batch.state, batch.refusal, batch.refusal_detail = BatchState.REFUSED, code, detail
        batch.reading, batch.questions = reading, []
        batch.save(update_fields=["state", "refusal", "refusal_detail", "reading", "questions"])
        trail.record(None, "import.refused", batch, code=code)


@transaction.atomic
def end_cancelled(batch_id: int) -> None:
    """The reading was stopped by a person: the batch is given up."""
    batch = locked(batch_id)
    batch.state = BatchState.CANCELLED
    batch.save(update_fields=["state"])
    clear_rows(batch)


@transaction.atomic
def stop_applying(batch_id: int, *, counts: Mapping[str, int]) -> None:
    """The writing was stopped by a person, or had broken off: back to the preview of what is left."""
    batch = locked(batch_id)
    now = {**dict.fromkeys(Verdict.values, 0), **counts}
    batch.state, batch.counts = BatchState.PREVIEW, {**batch.counts, **now, **_left(batch, counts)}
    batch.save(update_fields=["state", "counts"])


def add_effects(batch_id: int, beside: Mapping[str, int]) -> None:
    """Add what a chunk wrote beside its rows (new customers, vehicles) to the counts, in the chunk's transaction."""
    if not any(beside.values()):
        return
    batch = locked(batch_id)
    effects = Counter(batch.counts.get("effects", {}))
    effects.update(beside)
    batch.counts["effects"] = dict(effects)
    batch.save(update_fields=["counts"])


@transaction.atomic
def finish_applying(batch_id: int, *, counts: Mapping[str, int], now: datetime) -> dict[str, Any]:
    """Everything is written: keep the counts, leave one trail entry, call what follows an import."""
    batch = locked(batch_id)
    final = {**batch.counts, **dict.fromkeys(Verdict.values, 0), **counts, **_left(batch, counts)}
    batch.state, batch.counts, batch.applied_at = BatchState.APPLIED, final, now
    batch.save(update_fields=["state", "counts", "applied_at"])
    trail.record(batch.applied_by, "import.applied", batch, counts=final)
    if not batch.historical:
        is_first = batch.apply_job is None or batch.apply_job.key == str(batch.pk)
        call_followers(batch, now, "import" if is_first else f"import-{batch.apply_job_id}")
    return final


def _left(batch: ImportBatch, counts: Mapping[str, int]) -> dict[str, int]:
    """{"left": rows that were to be written, and were not, as they would have done something else than shown}."""
    doubtful = (Verdict.ASK, Verdict.CONFLICT, Verdict.PROBLEM)
    more = sum(counts.get(one, 0) - batch.counts.get(one, 0) for one in doubtful)
    return {"left": batch.counts.get("left", 0) + more} if more > 0 else {}


def ended_before(before: datetime, store_id: int | None = None) -> QuerySet[ImportBatch]:
    """The imports brought before a moment on which nothing works now; of one store, where it is named."""
    old = resting().filter(uploaded_at__lt=before)
    return old if store_id is None else old.filter(store=store_id)


def resting() -> QuerySet[ImportBatch]:
    """The imports on which no job works, or is to work."""
    at_work = Job.objects.open()
    return ImportBatch.objects.exclude(Q(stage_job__in=at_work) | Q(apply_job__in=at_work) | Q(undo_job__in=at_work))


def forget_rows(*, before: datetime, store_id: int | None = None) -> int:
    """Remove the staged rows of batches brought before a moment; figures, findings and results stay. Safe to repeat.

    What was written is forgotten with them, so that such an import can no longer be undone.
    """
    old = ended_before(before, store_id)
    UndoCase.objects.filter(batch__in=old).delete()
    AppliedChunk.objects.filter(batch__in=old).delete()
    for batch in old.filter(reading__has_key="top"):
        forget_texts(batch)
    return StagedRow.objects.filter(batch__in=old).delete()[0]


def forget_texts(batch: ImportBatch) -> None:
    """Take what stood in single cells out of a batch: its first lines, the examples, what was typed instead."""
    batch.reading.pop("top", None)
    for one in [*batch.reading.get("findings", []), *batch.questions]:
        if "examples" in one:
            one["examples"] = []
    batch.answers.pop("cells", None)
    batch.save(update_fields=["reading", "questions", "answers"])


def call_followers(batch: ImportBatch, now: datetime, why: str = "import") -> None:
    """Jobs that follow every import, such as the scheduling of revisits; once for each batch and reason."""
    day = clock.business_day(now).isoformat()
    for kind in settings.AFTER_IMPORT:
        key = f"{batch.store_id}:{day}:after-{why}-{batch.pk}"
        payload = {"store": batch.store_id, "day": day}
        jobs.enqueue(kind, key, store=batch.store, payload=payload, lane=f"{kind}:{batch.store_id}")


def notice(batch: ImportBatch, code: str, *, kind: str = "info", **params: Any) -> dict[str, Any]:
    """The notice that a job of this batch ends with."""
    url = reverse("imports:batch", args=[batch.pk])
    return {"code": code, "params": {"file": batch.file.name, **params}, "url": url, "kind": kind}


def locked(batch_id: int) -> ImportBatch:
    """A batch that nobody else changes before the transaction ends."""
    rows = ImportBatch.objects.select_related("store", "file").select_for_update(of=("self",))
    return rows.get(pk=batch_id)


def locked_behind(batch_id: int, job: str) -> ImportBatch:
    """As `locked`, with one of its jobs ("apply_job") locked first, for whoever is to stop that.

    Every chunk of a job locks the job and then its batch; in the other order the two would wait for each other.
    """
    job_id = ImportBatch.objects.values_list(f"{job}_id", flat=True).get(pk=batch_id)
    Job.objects.select_for_update().filter(pk=job_id).first()
    return locked(batch_id)


def _is_open(job: Any) -> bool:
    return job is not None and job.is_open
