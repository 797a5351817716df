"""The job that reads a file: rows are found, cleaned, compared and staged, some thousand at a time."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm_site.core import clock
from crm_site.core.sql import load_rows
from crm_site.files.actions import path_of
from crm_site.imports import cleaning, layout, rules
from crm_site.imports.actions import batches as actions
from crm_site.imports.layout import Context, Judgement, Layout, Row
from crm_site.imports.models import BatchState, ImportBatch, StagedRow, Verdict
from crm_site.imports.reading import reader, recognise
from crm_site.imports.reading.reader import BookHead, Rows, SheetHead, Unreadable
from crm_site.imports.reading.recognise import Header
from crm_site.imports.roster import Roster
from crm_site.jobs.errors import Cancelled
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run

#: Rows that are compared and written in one transaction.
CHUNK = 2_000
#: Examples kept of each kind of finding.
EXAMPLES = 3
COLUMNS = ("batch", "sheet", "row", "chunk", "raw", "clean", "findings", "verdict", "changes", "target_type",
           "target_id", "applied")  # fmt: skip


@described(_("Read a spreadsheet"), {"read": _("reading and checking rows")})
def stage(job: Job, run: Run) -> dict[str, Any]:
    """Read the batch's file into staged rows and set it to preview, or refuse it with a reason.

    Begins from the start when run again: rows staged by an attempt that broke off are removed first.
    """
    batch = ImportBatch.objects.select_related("store", "file", "uploaded_by").get(pk=job.payload["batch"])
    if batch.state == BatchState.PREVIEW:  # an attempt died between its last commit and its end: tell what it did
        return _ready(batch)
    if batch.state != BatchState.READING:
        return {}
    actions.clear_rows(batch)
    try:
        _Staging(batch, run).go()
    except Unreadable as refused:
        actions.clear_rows(batch)
        actions.refuse(batch.pk, code=refused.code, detail=refused.detail)
        return {"notice": actions.notice(batch, "import.refused", kind="warn")}
    except Cancelled:
        actions.end_cancelled(batch.pk)
        raise
    return _ready(batch)


def _ready(batch: ImportBatch) -> dict[str, Any]:
    """The job's result, with the notice to whoever brought the file."""
    rows = ImportBatch.objects.values_list("counts", flat=True).get(pk=batch.pk).get("rows", 0)
    return {"notice": actions.notice(batch, "import.ready", rows=rows)}


def context_of(batch: ImportBatch) -> Context:
    """What a layout gets to know about a batch's run."""
    now = clock.now()
    roster = Roster(batch.store, batch.answers.get("employee"))
    by = batch.applied_by or batch.uploaded_by
    return Context(batch.store, batch, clock.business_day(now), now, by, roster)


class _Staging:
    """One pass over one file."""

    def __init__(self, batch: ImportBatch, run: Run) -> None:
        self.batch, self.run = batch, run
        self.context = context_of(batch)
        self.layout: Layout | None = layout.get(batch.layout).at(batch.store) if batch.layout else None
        self.layouts = [one.at(batch.store) for one in layout.layouts().values()]
        self.is_1904, self.format = False, ""
        self.sheets: list[dict[str, Any]] = []
        self.lines: list[tuple[Row, str]] = []  # with a verdict already, or '' to be compared
        self.head: Row | None = None  # the record that a next line of the same key is folded into
        self.head_key: str | None = None
        self.seen: dict[str, tuple[str, int]] = {}
        self.counts: Counter[str] = Counter()
        self.found = _Findings()
        self.chunk = self.total = self.done = 0

    def go(self) -> None:
        """Read everything; raises Unreadable where the file gives no record."""
        for sheet, rows in self._sheets():
            self._sheet(sheet, rows)
        self._flush()
        taken = [sheet for sheet in self.sheets if sheet["state"] == "taken"]
        if self.layout is None or not taken:
            raise self._nothing_found()
        if not self.counts["rows"]:
            raise Unreadable("no_rows", sheets=[sheet["name"] for sheet in taken])
        actions.set_preview(
            self.batch.pk,
            layout=self.layout.code,
            reading={"format": self.format, "sheets": self.sheets, "findings": self.found.as_list()},
            counts=dict(self.counts),
        )

    def _sheets(self) -> Iterator[tuple[SheetHead, Iterator[tuple[int, list[Any]]]]]:
        """Each sheet with its rows; the rows of one must be used up before the next is asked for."""
        parts = reader.read(path_of(self.batch.file))
        ahead: list[SheetHead] = []

        def rows_of_sheet() -> Iterator[tuple[int, list[Any]]]:
            for part in parts:
                if isinstance(part, SheetHead):
                    ahead.append(part)
                    return
                if not isinstance(part, BookHead):
                    yield from part

        for part in parts:
            if isinstance(part, BookHead):
                self.is_1904, self.format = part.is_1904, part.format
            elif isinstance(part, SheetHead):
                ahead.append(part)
            while ahead:
                yield ahead.pop(), rows_of_sheet()

    def _sheet(self, sheet: SheetHead, rows: Iterator[tuple[int, list[Any]]]) -> None:
        """Find the sheet's header in its first rows, then take what follows."""
        known: dict[str, Any] = {"name": sheet.name, "state": "hidden" if sheet.is_hidden else "ignored", "columns": []}
        self.sheets.append(known)
        self.total += sheet.height
        first: Rows = list(islice(rows, recognise.LOOK_INTO))
        header = self._header(sheet, first)
        if header is None or header.missing:
            known["missing"] = header.missing if header else []
            known["layout"] = header.layout.code if header else ""
            for _row in rows:
                self.done += 1
            return
        self.layout = header.layout
        columns = [[title, header.mapping.get(column, "")] for column, title in enumerate(header.titles)]
        known |= {"state": "taken", "header": header.row, "columns": columns}
        before = self.counts["rows"]
        for number, cells in self._below(header, first, rows):
            self._take(header, sheet.name, number, cells)
        self.head = None
        known["rows"] = self.counts["rows"] - before

    def _header(self, sheet: SheetHead, first: Rows) -> Header | None:
        wanted = [self.layout] if self.layout else self.layouts
        return None if sheet.is_hidden else recognise.find(wanted, first, sheet.merged)

    def _below(self, header: Header, first: Rows, rest: Iterator[tuple[int, list[Any]]]) -> Iterator[tuple[int, list]]:
        """The rows under the header, without a line of 必填/选填 right below it."""
        below = [row for row in first if row[0] > header.row]
        if below and rules.is_hint_line(below[0][1]):
            below = below[1:]
        yield from below
        yield from rest

    def _take(self, header: Header, sheet: str, number: int, cells: list[Any]) -> None:
        """One row below the header: a record, a further line of the last one, or nothing of either."""
        self.done += 1
        reason = "total" if rules.is_total(cells) else "header_again" if header.repeats(cells) else ""
        if reason:
            self._skip(Row(sheet, number, {}, raw=cells), reason)
            return
        row = cleaning.clean_row(header.layout, header.mapping, cells, sheet=sheet, number=number, is_1904=self.is_1904)
        if not self._is_repetition(header.layout, row):
            self._flush_if_full()
            self.lines.append((row, Verdict.PROBLEM if row.is_refused else ""))

    def _is_repetition(self, wanted: Layout, row: Row) -> bool:
        """Deal with a row whose key stood in the file before: folded, skipped when equal, else refused."""
        key = wanted.key(row)
        if key is None:
            self.head = None
            return False
        if wanted.merge and key == self.head_key and self.head is not None and not row.is_refused:
            wanted.merge(self.head, row)
            self._skip(row, "merged_into", first=self.head.number)
            return True
        content = hashlib.md5(repr(sorted(row.values.items())).encode(), usedforsecurity=False).hexdigest()
        earlier = self.seen.setdefault(key, (content, row.number))
        if earlier == (content, row.number):
            self.head, self.head_key = (None if row.is_refused else row), key
            return False
        if earlier[0] == content:
            self._skip(row, "same_row", first=earlier[1])
            return True
        row.problem("key_twice", first=earlier[1])
        return False

    def _skip(self, row: Row, reason: str, **more: Any) -> None:
        row.findings = [{"severity": "skipped", "code": reason, "field": "", "value": "", **more}]
        self.lines.append((row, Verdict.SKIPPED))

    def _flush_if_full(self) -> None:
        if len(self.lines) >= CHUNK:
            self._flush()

    def _flush(self) -> None:
        """Compare and stage what has gathered, in one transaction."""
        if not self.lines or self.layout is None:
            return
        judged = self._judged(self.layout)
        self.chunk += 1
        with transaction.atomic():
            self.run.hold()
            load_rows(StagedRow, COLUMNS, (self._staged(self.layout, one) for one in judged))
        for one in judged:
            self.counts["rows"] += 1
            self.counts[one.verdict] += 1
            self.counts["cells"] += len(one.changes)
            self.found.add(one.row)
        self.lines = []
        self.run.progress(self.done, max(self.total, self.done), "read")

    def _judged(self, wanted: Layout) -> list[Judgement]:
        """A judgement for each gathered line, in their order."""
        rows = [row for row, verdict in self.lines if not verdict]
        self.context.roster.resolve(wanted, rows)
        compared = iter(wanted.compare(self.context, rows))
        judged = [Judgement(row, verdict) if verdict else next(compared) for row, verdict in self.lines]
        for one in judged:
            if one.row.is_refused:
                one.verdict = Verdict.PROBLEM
        return judged

    def _staged(self, wanted: Layout, one: Judgement) -> tuple:
        row = one.row
        clean = cleaning.encode(wanted, row.values)
        raw = [_plain(cell) for cell in row.raw]
        return (self.batch.pk, row.sheet, row.number, self.chunk, raw, clean, row.findings, one.verdict, one.changes,
                one.target_type, one.target_id, False)  # fmt: skip

    def _nothing_found(self) -> Unreadable:
        """Why no sheet could be taken: which columns are missing, or that nothing looks like a known list."""
        if self.sheets and all(sheet["state"] == "hidden" for sheet in self.sheets):
            return Unreadable("only_hidden")
        near = [sheet for sheet in self.sheets if sheet.get("missing")]
        if near:
            closest = min(near, key=lambda sheet: len(sheet["missing"]))
            return Unreadable("missing_columns", layout=closest["layout"], missing=closest["missing"])
        return Unreadable("no_header" if self.done or self.total else "no_rows")


class _Findings:
    """What was found in the file, by kind: how often, and where first."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str, str], dict[str, Any]] = {}

    def add(self, row: Row) -> None:
        """Count the findings of a row."""
        for one in row.findings:
            key = (one["severity"], one["code"], one["field"])
            kind = self._kinds.get(key)
            if kind is None:
                kind = self._kinds[key] = {"count": 0, "examples": []}
            kind["count"] += 1
            if len(kind["examples"]) < EXAMPLES:
                kind["examples"].append([row.sheet, row.number, one["value"]])

    def as_list(self) -> list[dict[str, Any]]:
        """Plain JSON, the grave ones first."""
        order = {rules.PROBLEM: 0, rules.WARNING: 1, rules.FIXED: 2}
        kinds = sorted(self._kinds.items(), key=lambda item: (order.get(item[0][0], 3), -item[1]["count"]))
        return [{"severity": key[0], "code": key[1], "field": key[2], **kind} for key, kind in kinds]


def _plain(cell: Any) -> Any:
    """A raw cell as JSON has it."""
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return cell


def row_of(wanted: Layout, staged: StagedRow) -> Row:
    """A staged row as the layout reads it."""
    return Row(staged.sheet, staged.row, cleaning.decode(wanted, staged.clean), raw=staged.raw)
