"""Every change of an undo: asked for, planned, decided row by row, confirmed, taken back, stopped, left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from crm_site.imports.actions.batches import call_followers, locked, locked_behind, notice
from crm_site.imports.models import AppliedChunk, BatchState, ImportBatch, StagedRow, UndoCase
from crm_site.jobs import actions as jobs
from crm_site.jobs.models import State
from crm_site.notices import actions as notices

PLAN, UNDO = "import.plan_undo", "import.undo"
Kind, Decision = UndoCase.Kind, UndoCase.Decision


def may_undo(batch: ImportBatch) -> bool:
    """Whether rows of this batch are written and not taken back."""
    is_written = batch.state == BatchState.APPLIED or (batch.state == BatchState.PREVIEW and is_begun(batch))
    return is_written and AppliedChunk.objects.filter(batch=batch, undone=False).exists()


def is_begun(batch: ImportBatch) -> bool:
    """Whether at least some rows were written."""
    return bool(batch.counts.get("applied"))


@transaction.atomic
def ask(batch_id: int, *, by: Employee) -> ImportBatch:
    """Have the undo of an import planned; nothing is taken back before the plan is confirmed.

    Refuses an import that has written nothing, and one of which the notes are gone (after 90 days).
    """
    batch = locked(batch_id)
    if batch.state not in {BatchState.APPLIED, BatchState.PREVIEW} or not is_begun(batch):
        raise RuleBroken(
            _("Nothing of this import is written, or it is being worked on. Reload to see where it stands.")
        )
    if not AppliedChunk.objects.filter(batch=batch, undone=False).exists():
        raise RuleBroken(
            _("What this import wrote is known for 90 days only. It can no longer be undone as a whole."),
            code="forgotten",
        )
    before = batch.undo_job_id or 0
    batch.undo_counts = {"was": batch.state}
    batch.state = BatchState.UNDOING
    batch.undo_job = jobs.enqueue(
        PLAN, f"{batch.pk}:{before}", store=batch.store, payload={"batch": batch.pk}, lane=_lane(batch), by=by
    )
    batch.save(update_fields=["state", "undo_job", "undo_counts"])
    return batch


@transaction.atomic
def decide(batch_id: int, *, decisions: Mapping[int, str], by: Employee) -> int:
    """Say of rows edited since whether they stay or are taken back all the same; gives how many were said.

    `decisions` is {key of the case: "keep" or "restore"}.
    """
    batch = _planned(batch_id)
    cases = UndoCase.objects.filter(batch=batch, kind=Kind.EDITED)
    count = 0
    for decision in Decision.values:
        keys = [key for key, said in decisions.items() if said == decision]
        count += cases.filter(pk__in=keys).update(decision=decision)
    return count


@transaction.atomic
def decide_all(batch_id: int, *, decision: str, by: Employee) -> int:
    """The same decision for every row edited since."""
    if decision not in Decision.values:
        raise RuleBroken(_("Choose whether the rows stay or are taken back."))
    return UndoCase.objects.filter(batch=_planned(batch_id), kind=Kind.EDITED).update(decision=decision)


@transaction.atomic
def confirm(batch_id: int, *, by: Employee) -> ImportBatch:
    """Have the plan carried out; also goes on with an undo that was stopped or broke off."""
    batch = _planned(batch_id)
    key = f"{batch.pk}:{batch.undo_counts['plan_job']}"
    batch.undo_job = jobs.enqueue(UNDO, key, store=batch.store, payload={"batch": batch.pk}, lane=_lane(batch), by=by)
    batch.save(update_fields=["undo_job"])
    trail.record(by, "import.undo_confirmed", batch, counts=batch.undo_counts.get("plan", {}))
    return batch


@transaction.atomic
def stop(batch_id: int, *, by: Employee, now: datetime) -> ImportBatch:
    """Stop planning or undoing within a few seconds; what is taken back stays so."""
    batch = locked_behind(batch_id, "undo_job")
    job = batch.undo_job
    if batch.state != BatchState.UNDOING or job is None or not job.is_open:
        raise RuleBroken(_("Nothing is being undone. Reload to see where this import stands."))
    was_waiting = jobs.cancel(job.pk, by=by).ended_at is not None
    if was_waiting and job.kind == PLAN:
        _leave(batch, now)
    return batch


@transaction.atomic
def leave(batch_id: int, *, by: Employee | None, now: datetime) -> ImportBatch:
    """Give the undo up: what is still in stays in. Refuses while a job is at work on it (by a person)."""
    batch = locked(batch_id)
    if batch.state != BatchState.UNDOING:
        raise RuleBroken(_("Nothing is being undone. Reload to see where this import stands."))
    if by is not None and batch.undo_job and batch.undo_job.is_open:
        raise RuleBroken(_("It is being worked on. Stop it first."))
    _leave(batch, now)
    return batch


@transaction.atomic
def plan_again(batch_id: int, *, by: Employee) -> ImportBatch:
    """Look once more at what an undo would do, after people have worked on the rows or the planning broke off."""
    batch = locked(batch_id)
    if batch.state != BatchState.UNDOING or batch.undo_job is None or batch.undo_job.is_open:
        raise RuleBroken(_("Nothing is waiting to be planned. Reload to see where this import stands."))
    before = batch.undo_job_id
    batch.undo_job = jobs.enqueue(
        PLAN, f"{batch.pk}:{before}", store=batch.store, payload={"batch": batch.pk}, lane=_lane(batch), by=by
    )
    batch.save(update_fields=["undo_job"])
    return batch


# ---- by the jobs ----------------------------------------------------------------------------------------------------


def clear_cases(batch: ImportBatch) -> None:
    """Forget an earlier plan."""
    UndoCase.objects.filter(batch=batch).delete()


def list_cases(batch: ImportBatch, cases: Sequence[UndoCase]) -> None:
    """Keep the rows that are not simply taken back, each with the row of the file that it came from."""
    lost = [case for case in cases if case.row is None]
    if lost:
        rows = StagedRow.objects.filter(batch=batch, target_id__in=[case.target_id for case in lost])
        found = rows.values_list("target_type", "target_id", "sheet", "row")
        places = {(kind, key): (sheet, row) for kind, key, sheet, row in found}
        for case in lost:
            case.sheet, case.row = places.get((case.target_type, case.target_id), ("", None))
    UndoCase.objects.bulk_create(
        sorted(cases, key=lambda case: (case.sheet, case.row or 0)),
        update_conflicts=True,  # it was edited once more since the plan was made
        unique_fields=["batch", "target_type", "target_id"],
        update_fields=["kind", "detail", "decision"],
    )


@transaction.atomic
def set_plan(batch_id: int, *, counts: dict[str, Any]) -> None:
    """The plan is made: keep its figures."""
    batch = locked(batch_id)
    if batch.state == BatchState.UNDOING:
        batch.undo_counts = {**batch.undo_counts, "plan": counts, "plan_job": batch.undo_job_id}
        batch.save(update_fields=["undo_counts"])


def chunk_taken_back(
    batch_id: int, chunk: AppliedChunk, *, settled: Mapping[str, Sequence[int]], counts: Counter[str]
) -> None:
    """Mark a chunk as taken back and add up what that did, in the chunk's transaction.

    `settled` are the rows that are gone or have returned: what kept them when the plan was made does so no more.
    """
    AppliedChunk.objects.filter(pk=chunk.pk).update(undone=True)
    for label, keys in settled.items():
        UndoCase.objects.filter(batch_id=batch_id, kind=Kind.REFERENCED, target_type=label, target_id__in=keys).delete()
    batch = locked(batch_id)
    done = Counter(batch.undo_counts.get("done", {}))
    done.update(counts)
    batch.undo_counts["done"] = dict(done)
    batch.save(update_fields=["undo_counts"])


@transaction.atomic
def finish(batch_id: int, *, by: Employee | None, now: datetime) -> dict[str, Any]:
    """Everything is taken back that can be: close the batch, one entry in the trail, call what follows an import."""
    batch = locked(batch_id)
    kept = UndoCase.objects.filter(batch=batch).exclude(kind=Kind.EDITED, decision=Decision.RESTORE).count()
    done = {**batch.undo_counts.get("done", {}), "kept": kept}
    batch.undo_counts = {**batch.undo_counts, "done": done}
    batch.state, batch.undone_at, batch.undone_by = BatchState.UNDONE, now, by
    batch.save(update_fields=["state", "undone_at", "undone_by", "undo_counts"])
    trail.record(by, "import.undone", batch, counts=done)
    call_followers(batch, now, "undo")
    _tell_the_other(batch, by, done)
    return done


# ---- helpers --------------------------------------------------------------------------------------------------------


def _planned(batch_id: int) -> ImportBatch:
    """A batch whose undo is planned and not at work; refuses any other."""
    batch = locked(batch_id)
    job = batch.undo_job
    is_planned = batch.state == BatchState.UNDOING and "plan" in batch.undo_counts
    if not is_planned or job is None or job.is_open or (job.kind == PLAN and job.state != State.DONE):
        raise RuleBroken(_("This undo is not waiting to be confirmed. Reload to see where it stands."))
    return batch


def _leave(batch: ImportBatch, now: datetime) -> None:
    """Back to where the import stood; what had been withdrawn for the undo is derived anew."""
    batch.state = batch.undo_counts.get("was", BatchState.APPLIED)
    batch.save(update_fields=["state"])
    clear_cases(batch)
    call_followers(batch, now, f"undo-left-{batch.undo_job_id}")


def _tell_the_other(batch: ImportBatch, by: Employee | None, done: Mapping[str, Any]) -> None:
    """Whoever brought the file learns that somebody else has undone it."""
    owner = batch.uploaded_by
    if owner.user is not None and (by is None or by.pk != owner.pk):
        told = {name: done.get(name, 0) for name in ("deleted", "restored", "kept")}
        words = notice(batch, "import.undone", **told)
        notices.tell(owner.user, words["code"], words["params"], url=words["url"], kind=words["kind"])


def _lane(batch: ImportBatch) -> str:
    return f"import:{batch.store_id}"
