"""What spreadsheets said of a person, and how their lines are blanked while others' stay (settings.PERSONAL_DATA)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.core.persons import Holding, Person, Section, naming, room
from crm_site.files import actions as files
from crm_site.imports.actions.batches import forget_texts
from crm_site.imports.models import AppliedChunk, ImportBatch, StagedRow, Verdict


def _of_store(person: Person) -> Q:
    return Q(batch__store=person.store_id)


def _lines(person: Person) -> Q:
    """The lines that became rows of theirs, and any other in which a number of theirs stands."""
    own = _of_store(person)
    return own & (person.names() | naming("imports.StagedRow", ("raw", "clean", "changes"), person.words, within=own))


def _nothing(_row: Any, value: Any) -> Any:
    return type(value)()


def _verdict(row: StagedRow, verdict: str) -> str:
    """A blanked line that has not been written is left out, whatever it would have become."""
    return verdict if row.applied else Verdict.SKIPPED


_LINES = Holding(
    "imports.StagedRow", _("Lines of spreadsheets"), _lines,
    {**dict.fromkeys(("raw", "clean", "findings", "changes"), _nothing), "verdict": _verdict},
)  # fmt: skip
_CASES = Holding(
    "imports.UndoCase", _("Questions of an undo"), lambda person: _of_store(person) & person.names(),
    {"detail": _nothing},
)  # fmt: skip
_SOURCES = Holding(
    "imports.KnownSource", _("Known sources"),
    lambda person: Q(store=person.store_id) & naming("imports.KnownSource", ("answers",), person.words), dropped=True,
)  # fmt: skip
_TABLES = room(_("Imports"), (_LINES, _CASES, _SOURCES))


def _chunks(person: Person) -> list[tuple[AppliedChunk, list[tuple[str, str, str]]]]:
    """The journals in which a row of theirs stands, each with (part, table, key) of what stands there."""
    found = []
    wanted = {(table, str(key)) for table, keys in person.keys.items() for key in keys}
    for chunk in AppliedChunk.objects.filter(_of_store(person)).iterator(chunk_size=20):
        person.still()
        places = [
            (part, table, key)
            for part in ("updated", "removed")
            for table, rows in getattr(chunk, part).items()
            for key, values in rows.items()
            if (table, key) in wanted or any(word in str(values) for word in person.words)
        ]
        if places:
            found.append((chunk, places))
    return found


def _batches(person: Person) -> list[ImportBatch]:
    """The imports whose file has a line about the person."""
    by_line = StagedRow.objects.filter(_lines(person)).values("batch")
    by_word = naming("imports.ImportBatch", ("reading", "questions", "answers"), person.words)
    of_store = ImportBatch.objects.filter(store=person.store_id)
    return list(of_store.filter(Q(pk__in=by_line) | by_word).select_related("file").distinct())


def _export(person: Person) -> list[Section]:
    sections = list(_TABLES.export(person))
    rows = [
        [chunk.batch_id, table, key, getattr(chunk, part)[table][key]]
        for chunk, places in _chunks(person)
        for part, table, key in places
    ]
    if rows:
        title = _("What imports changed")
        sections.append(Section("imports.appliedchunk", title, ("batch", "target_type", "target_id", "changes"), rows))
    return sections


def _erase(person: Person) -> dict[str, int]:
    """The shared file goes as a whole: the archive has what it said, and another copy lies where it came from."""
    batches = _batches(person)
    for batch in batches:
        forget_texts(batch)
        files.forget(batch.file, now=person.now)
    chunks = _chunks(person)
    for chunk, places in chunks:
        for part, table, key in places:
            del getattr(chunk, part)[table][key]
        chunk.save(update_fields=["updated", "removed"])
    counts = {"imports.importbatch": len(batches), "imports.appliedchunk": len(chunks)}
    return {**_TABLES.erase(person), **{table: count for table, count in counts.items() if count}}


ROOM = replace(_TABLES, export=_export, erase=_erase)
