"""Recognises the error workbook of an earlier import, so that only its corrected rows are taken."""

from __future__ import annotations

from django.db import transaction

from crm_site.audit import trail
from crm_site.files.actions import path_of
from crm_site.imports.answers import LASTING
from crm_site.imports.models import AppliedChunk, BatchState, ImportBatch
from crm_site.imports.workbook import mark, words


def adopt(batch: ImportBatch) -> None:
    """Note whose error workbook a batch's file is, and take over the kind of list and what was said of the first file.

    Does nothing for any other file, for a workbook of another store, and when it is known already.
    """
    if batch.repair_of_id is not None or not path_of(batch.file).exists():
        return
    original_id = mark.find(path_of(batch.file))
    earlier = ImportBatch.objects.filter(store_id=batch.store_id).exclude(pk=batch.pk)
    original = earlier.filter(pk=original_id).first() if original_id else None
    if original is not None and batch.layout in ("", original.layout):
        _take_over(batch, original)


@transaction.atomic
def _take_over(batch: ImportBatch, original: ImportBatch) -> None:
    """Only what holds for the file as a whole: rows may have moved since."""
    answers = {key: original.answers[key] for key in LASTING if original.answers.get(key)}
    answers["columns"] = {**answers.get("columns", {}), **dict.fromkeys(words.spellings(words.TITLE), "")}
    sheets = original.answers.get("sheets", {}) if original.reading.get("format") == "workbook" else {}
    ours = dict.fromkeys(words.spellings(words.SUMMARY), {"take": False})
    batch.repair_of, batch.layout = original, original.layout
    batch.answers = {**answers, "sheets": {**sheets, **ours}, **batch.answers}
    batch.historical = batch.historical or original.historical
    batch.save(update_fields=["repair_of", "layout", "answers", "historical"])
    trail.record(batch.uploaded_by, "import.repairs", batch, original=original.pk)


class Repair:
    """Which rows of an error workbook the import that it repairs has taken already."""

    def __init__(self, batch: ImportBatch) -> None:
        self._is_in = batch.repair_of is not None and _is_in(batch.repair_of)
        self._column: int | None = None

    def open(self, titles: tuple[str, ...] | list[str]) -> None:
        """A sheet begins: find the column of results among its titles."""
        places = [place for place, title in enumerate(titles) if words.says(words.TITLE, title)]
        self._column = places[-1] if self._is_in and places else None

    def has_taken(self, cells: list) -> bool:
        """Whether a row says that it is in, and has no reason to be looked at again."""
        if self._column is None or self._column >= len(cells):
            return False
        return words.read_result(cells[self._column]) != ""


def _is_in(original: ImportBatch) -> bool:
    """Whether all that the first import was to write stands in the archive; if not, every row is compared anew."""
    if original.state != BatchState.APPLIED or original.counts.get("left"):
        return False
    return not AppliedChunk.objects.filter(batch=original, undone=True).exists()
