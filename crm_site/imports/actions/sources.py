"""What is said of a file: its sheets, columns, words, names and dates; obeyed at once, and kept for the next file."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from crm_site.imports.answers import lasting, merged
from crm_site.imports.models import BatchState, ImportBatch, KnownSource
from crm_site.jobs import actions as jobs

STAGE = "import.stage"
#: The way to one answer: its part, then the field, the word, the name.
Path = tuple[str, ...]
#: The parts of the answers that the reading of a file obeys.
PARTS = ("sheets", "columns", "values", "employee", "date_order", "amounts")


@transaction.atomic
def explain(
    batch_id: int,
    said: Mapping[str, Any],
    *,
    by: Employee,
    remember: bool,
    layout: str | None = None,
    forget: Sequence[Path] = (),
) -> ImportBatch:
    """Take a person's answers and have the file read again; `said` holds some of PARTS.

    Sheets and columns are said as a whole, the other parts are added to what was said before. `layout` is another kind
    of list, '' to be recognised anew. With `remember` the lasting answers are kept for the next file of the same
    header. What `forget` names is taken back, also from what is kept, and asked again. The rows of the last reading go
    when the next begins. Refuses a batch that is being read or written, is written in part or done, or whose file is
    gone.
    """
    batch = ImportBatch.objects.select_related("store", "file").select_for_update(of=("self",)).get(pk=batch_id)
    _check_open(batch)
    batch.answers = _without(batch.answers, forget)
    if forget and batch.reading.get("source"):
        _forget_kept(batch, forget)
    known = {key: value for key, value in batch.answers.items() if key not in ("sheets", "columns") or key not in said}
    batch.answers = merged(known, {**known, **said}) | {"remember": by.pk if remember else None}
    if layout is not None:
        batch.layout = layout
    batch.state, batch.refusal, batch.refusal_detail, batch.questions = BatchState.READING, "", {}, []
    batch.answers["readings"] = batch.answers.get("readings", 0) + 1
    key = f"{batch.pk}:{batch.answers['readings']}"
    batch.stage_job = jobs.enqueue(STAGE, key, store=batch.store, payload={"batch": batch.pk}, by=by)
    batch.save(update_fields=["answers", "layout", "state", "refusal", "refusal_detail", "questions", "stage_job"])
    trail.record(by, "import.explained", batch, parts=sorted(said), layout=batch.layout)
    return batch


def _without(answers: Mapping[str, Any], forget: Sequence[Path]) -> dict[str, Any]:
    """Answers without some: ("date_order", field), ("values", field, word), ("employee", name), ("amounts",)."""
    left = copy.deepcopy(dict(answers))
    for *way, last in forget:
        place: Any = left
        for step in way:
            place = place.get(step, {})
        place.pop(last, None)
    return left


def _forget_kept(batch: ImportBatch, forget: Sequence[Path]) -> None:
    """Take answers back from the source that the batch's file is of."""
    kept = KnownSource.objects.select_for_update().filter(pk=batch.reading["source"], store=batch.store).first()
    if kept is not None:
        kept.answers = _without(kept.answers, forget)
        kept.save(update_fields=["answers"])


def remember(batch: ImportBatch, *, now: datetime) -> None:
    """Keep the lasting answers of a batch that was just read, under the headers of its sheets, if a person wished so.

    Runs in the transaction that ends the reading. A source that was used again is marked as used.
    """
    if batch.reading.get("source"):
        KnownSource.objects.filter(pk=batch.reading["source"], store=batch.store).update(used_at=now)
    who, kept = batch.answers.get("remember"), lasting(batch.answers)
    if not who or not kept:
        return
    for sheet in batch.reading["sheets"]:
        if sheet["state"] == "taken":
            values = {"answers": _of_sheet(kept, sheet), "used_at": now, "by_id": who}
            KnownSource.objects.update_or_create(
                store=batch.store, layout=batch.layout, signature=sheet["signature"], defaults=values
            )


def _of_sheet(kept: dict[str, Any], sheet: Mapping[str, Any]) -> dict[str, Any]:
    """The answers with those columns only that the sheet has."""
    titles = {title for title, _field in sheet["columns"]}
    columns = {title: field for title, field in kept.get("columns", {}).items() if title in titles}
    return kept | {"columns": columns}


def _check_open(batch: ImportBatch) -> None:
    """Refuse answers that come too early or too late."""
    if batch.state == BatchState.READING:
        raise RuleBroken(_("The file is being read just now. Wait for the preview, then answer."))
    if batch.state not in {BatchState.PREVIEW, BatchState.REFUSED} or batch.counts.get("applied"):
        raise RuleBroken(
            _("Rows of this import are written already. What was said of the file cannot change any more.")
        )
    if batch.file.removed_at is not None:
        raise RuleBroken(_("The file itself is not kept any more. Bring it again."))
