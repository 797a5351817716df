"""Imports and undos that somebody has left half-way: the nightly round ends those to which nobody has come back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from crm_site.audit import trail
from crm_site.imports.actions import batches, undoing
from crm_site.imports.models import BatchState, ImportBatch

#: So long an undo waits for a word: the calls that it may take back are off the list meanwhile.
UNDO_WAITS = timedelta(days=7)


def left(store_id: int, *, before: datetime, now: datetime) -> QuerySet[ImportBatch]:
    """Undos of a store that nobody has gone on with for days, and what broke off in imports brought before a moment."""
    undo = Q(state=BatchState.UNDOING) & (Q(undo_job=None) | Q(undo_job__ended_at__lt=now - UNDO_WAITS))
    broken = Q(state__in=[BatchState.READING, BatchState.APPLYING], uploaded_at__lt=before)
    return batches.resting().filter(undo | broken, store=store_id)


@transaction.atomic
def end(batch_id: int, *, now: datetime) -> None:
    """End what was left half-way, unless somebody works on it again: nothing more is written or taken back."""
    batch = batches.locked(batch_id)
    if not batches.resting().filter(pk=batch_id).exists():
        return
    if batch.state == BatchState.UNDOING:
        undoing.leave(batch_id, by=None, now=now)
    elif batch.state == BatchState.APPLYING:
        batches.stop_applying(batch_id, counts=batches.count_rows(batch))
    elif batch.state == BatchState.READING:
        batch.state = BatchState.CANCELLED
        batch.save(update_fields=["state"])
    trail.record(None, "import.left", batch)
