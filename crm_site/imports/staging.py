"""The job that reads a file: rows are found, cleaned, compared and staged, some thousand at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import lru_cache, partial
from itertools import islice
from operator import itemgetter
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm_site.core import clock
from crm_site.core.sql import load_rows
from crm_site.files.actions import path_of
from crm_site.imports import cleaning, layout, rules, rulings
from crm_site.imports.actions import batches as actions
from crm_site.imports.actions import repairs
from crm_site.imports.answers import Answers
from crm_site.imports.chunks import in_one
from crm_site.imports.cleaning import Cleaner
from crm_site.imports.gathering import Days, Findings, Questions, date_columns
from crm_site.imports.layout import Context, Judgement, Layout, Row
from crm_site.imports.models import BatchState, ImportBatch, StagedRow, Verdict
from crm_site.imports.reading import peeking, reader, recognise
from crm_site.imports.reading.reader import BookHead, Rows, SheetHead, Unreadable
from crm_site.imports.reading.recognise import Header, Wish
from crm_site.imports.roster import Roster
from crm_site.jobs.errors import Cancelled
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run

#: Rows that are compared and written in one transaction; fewer, where so many signs stand in their texts.
CHUNK, CHUNK_SIGNS = 2_000, 4_000_000
#: On a busy machine a chunk takes longer than people like to wait for news.
REPORT_ROWS = 250
#: What the reader gives for a day and for a moment.
_DAYS = frozenset({date, datetime})
#: Rows of these verdicts say nothing of the days that a file covers.
LEFT_OUT = (Verdict.PROBLEM, Verdict.SKIPPED)
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
    if batch.state != BatchState.READING or batch.stage_job_id != job.pk:
        return {}
    in_one(run, partial(actions.clear_rows, batch))
    repairs.adopt(batch)
    staging = _Staging(batch, run)
    try:
        staging.go()
    except Unreadable as refused:
        how: dict[str, Any] = {"code": refused.code, "detail": refused.detail, "reading": staging.reading}
        in_one(run, partial(actions.refuse, batch.pk, **how))
        return {"notice": actions.notice(batch, "import.refused", kind="warn")}
    except Cancelled:
        in_one(run, partial(actions.end_cancelled, batch.pk))
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
        self.answers = Answers(batch)
        self.repair = repairs.Repair(batch)
        self.context = context_of(batch)
        self.layout: Layout | None = layout.get(batch.layout).at(batch.store) if batch.layout else None
        self.layouts = [one.at(batch.store) for one in layout.layouts().values()]
        self.book = BookHead("", is_1904=False)
        self.sheets: list[dict[str, Any]] = []
        self.tops: dict[str, list[list[Any]]] = {}
        self.lines: list[tuple[Row, str]] = []  # with a verdict already, or '' to be compared
        self.signs = 0  # in the texts of these lines
        self.head: Row | None = None  # the record that a next line of the same key is folded into
        self.head_key: str | None = None
        self.seen: dict[str, tuple[int, int]] = {}
        self.counts: Counter[str] = Counter()
        self.found, self.questions, self.days = Findings(), Questions(), Days()
        self.cleaner: Cleaner | None = None
        self.dates: list[tuple[int, str]] = []
        self.chunk = self.total = self.done = 0

    def go(self) -> None:
        """Read everything; raises Unreadable where the file gives no record."""
        parts = reader.read(path_of(self.batch.file), take=self.answers.taken, leave=self.answers.left)
        for self.book, sheet, rows in reader.by_sheet(parts):
            self._sheet(sheet, rows)
        self._flush()
        taken = [sheet for sheet in self.sheets if sheet["state"] == "taken"]
        if self.layout is None or not taken:
            raise self._nothing_found()
        if not self.counts["rows"]:
            raise Unreadable("no_rows", sheets=[sheet["name"] for sheet in taken])
        end = partial(
            actions.set_preview,
            self.batch.pk,
            layout=self.layout.code,
            reading=self.reading,
            counts=dict(self.counts),
            answers=self.answers.all,
            questions=self.questions.as_list(),
            now=self.context.now,
        )
        in_one(self.run, end)

    @property
    def reading(self) -> dict[str, Any]:
        """What was recognised so far, as the pages show it."""
        return {
            "format": self.book.format,
            "is_1904": self.book.is_1904,
            "sees_hidden": self.book.sees_hidden,
            "sheets": self.sheets,
            "top": self.tops,
            "findings": self.found.as_list(),
            "days": self.days.as_list(),
            "source": self.answers.source,
        }

    def _sheet(self, sheet: SheetHead, rows: Iterator[tuple[int, list[Any]]]) -> None:
        """Find the sheet's header in its first rows, then take what follows."""
        self.total += sheet.height if sheet.is_whole else 0
        first: Rows = list(islice(rows, recognise.LOOK_INTO))
        header = self._header(sheet, first)
        self.tops[sheet.name] = peeking.top(first, header.row if header else None)
        known = _described(sheet, header)
        self.sheets.append(known)
        if header is None or header.missing or not sheet.is_whole:
            for _row in rows:
                self._pass()
            return
        self._open(header, known)
        before = self.counts["rows"] + len(self.lines)
        hidden = frozenset[int]() if self.answers.sheet(sheet.name).get("hidden_rows") else sheet.hidden_rows
        for number, cells in self._below(header, first, rows):
            self._take(header, sheet.name, number, cells, is_hidden=number in hidden)
        self.head = None
        known["rows"] = self.counts["rows"] + len(self.lines) - before

    def _header(self, sheet: SheetHead, first: Rows) -> Header | None:
        """The header of a sheet, as a person has said or as it looks."""
        wanted = [self.layout] if self.layout else self.layouts
        said = self.answers.sheet(sheet.name)
        wish = Wish(
            row=said.get("header"),
            columns=self.answers.columns,
            hidden=frozenset() if said.get("hidden_columns") else frozenset(sheet.hidden_columns),
            sources=self.answers.sources,
        )
        return recognise.find(wanted, first, sheet.merged, wish)

    def _open(self, header: Header, known: dict[str, Any]) -> None:
        """Begin to take a sheet: what was said of its source before holds again."""
        self.layout = header.layout
        self.repair.open(header.titles)
        if self.answers.recall(header.signature, header.layout.code):
            self.context.roster = Roster(self.batch.store, self.answers.all.get("employee"))
        known["state"] = "taken"
        answers = self.answers.all
        self._look_back()
        self.cleaner = Cleaner(header.layout, header.mapping, is_1904=self.book.is_1904, answers=answers)
        self.dates = date_columns(header.layout, header.mapping, answers.get("date_order", {}))

    def _below(self, header: Header, first: Rows, rest: Iterator[tuple[int, list[Any]]]) -> Iterator[tuple[int, list]]:
        """The rows under the header, without a line of 必填/选填 right below it."""
        below = [row for row in first if row[0] > header.row]
        if below and rules.is_hint_line(below[0][1]):
            below = below[1:]
        yield from below
        yield from rest

    def _pass(self) -> None:
        """One row more is behind us: say so now and then, also where nothing is taken, for a person may say stop."""
        self.done += 1
        if self.done % REPORT_ROWS == 0:
            self.run.progress(self.done, max(self.total, self.done), "read")

    def _take(self, header: Header, sheet: str, number: int, cells: list[Any], *, is_hidden: bool) -> None:
        """One row below the header: a record, a further line of the last one, or nothing of either."""
        self._pass()
        reason = "row_hidden" if is_hidden else "total" if rules.is_total(cells) else ""
        reason = reason or ("header_again" if header.repeats(cells) else "example" if rules.is_example(cells) else "")
        reason = reason or ("taken_before" if self.repair.has_taken(cells) else "")
        if reason:
            self._skip(Row(sheet, number, {}, raw=cells), reason, batch=self.batch.repair_of_id)
            return
        assert self.cleaner is not None
        row = self.cleaner.row(cells, sheet=sheet, number=number)
        row.amounts = self.answers.amounts
        if self.dates:
            self.questions.look(self.dates, cells)
        if not self._is_repetition(header.layout, row):
            self._gather(row, Verdict.PROBLEM if row.is_refused else "")

    def _look_back(self) -> None:
        if self.cleaner is not None:
            self.cleaner.look_back()

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
        content = _content(row.values)
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
        self._gather(row, Verdict.SKIPPED)

    def _gather(self, row: Row, verdict: str) -> None:
        """Keep a line until there are enough of them, by their number or by what stands in them."""
        if len(self.lines) >= CHUNK or self.signs >= CHUNK_SIGNS:
            self._flush()
        self.lines.append((row, verdict))
        self.signs += _signs(row)

    def _flush(self) -> None:
        """Compare and stage what has gathered, in one transaction; a record that may still grow is kept back."""
        growing = [line for line in self.lines if line[0] is self.head]
        lines = [line for line in self.lines if line[0] is not self.head]
        self.lines, self.signs = growing, sum(_signs(row) for row, _verdict in growing)
        if not lines or self.layout is None:
            return
        if self.cleaner is not None:
            self.cleaner.look_back()
        judged = self._judged(self.layout, lines)
        self.chunk += 1
        with transaction.atomic():
            self.run.hold()
            load_rows(StagedRow, COLUMNS, (self._staged(self.layout, one) for one in judged))
        for one in judged:
            self.counts["rows"] += 1
            self.counts[one.verdict] += 1
            self.counts["cells"] += len(one.changes)
            if one.row.findings:
                self.found.add(one.row)
                self.questions.add(one.row)
            if one.verdict not in LEFT_OUT:
                self.days.add(one.row.get(self.layout.day_field))
        self.run.progress(self.done, max(self.total, self.done), "read")

    def _judged(self, wanted: Layout, lines: list[tuple[Row, str]]) -> list[Judgement]:
        """A judgement for each gathered line, in their order."""
        rows = [row for row, verdict in lines if not verdict]
        self.context.roster.resolve(wanted, rows)
        rulings.obey(self.batch.answers, rows)
        compared = iter(wanted.compare(self.context, rows))
        judged = [Judgement(row, verdict) if verdict else next(compared) for row, verdict in lines]
        for one in judged:
            if one.row.is_refused:
                one.verdict = Verdict.PROBLEM
        return judged

    def _staged(self, wanted: Layout, one: Judgement) -> tuple:
        row = one.row
        clean = cleaning.encode(wanted, row.values) if row.facts is None else row.facts
        raw = [cell.isoformat() if type(cell) in _DAYS else cell for cell in row.raw]
        return (self.batch.pk, row.sheet, row.number, self.chunk, raw, clean, row.findings, one.verdict, one.changes,
                one.target_type, one.target_id, False)  # fmt: skip

    def _nothing_found(self) -> Unreadable:
        """Why no sheet could be taken: which columns are missing, or that nothing looks like a known list."""
        if self.sheets and all(sheet["state"] in ("hidden", "left") for sheet in self.sheets):
            return Unreadable("only_hidden")
        near = [sheet for sheet in self.sheets if sheet.get("missing")]
        if near:
            closest = min(near, key=lambda sheet: len(sheet["missing"]))
            return Unreadable("missing_columns", layout=closest["layout"], missing=closest["missing"])
        return Unreadable("no_header" if self.done or self.total else "no_rows")


def _signs(row: Row) -> int:
    """How much text stands in the cells of a line."""
    return sum([len(cell) for cell in row.raw if type(cell) is str])


def _content(values: dict[str, Any]) -> int:
    """What the values of a row are, in one number; two rows of one key are compared by it."""
    order, read = _in_order(tuple(values))
    return hash(order + repr(read(values)))


@lru_cache(maxsize=64)
def _in_order(names: tuple[str, ...]) -> tuple[str, Callable[[dict[str, Any]], Any]]:
    """Fields as they are written for comparison, and what reads their values; two sheets may have them another way."""
    order = sorted(names)
    return repr(order), itemgetter(*order)


def _described(sheet: SheetHead, header: Header | None) -> dict[str, Any]:
    """What the pages know of a sheet: why it is taken or not, and what each of its columns was taken for."""
    state = "ignored" if sheet.is_whole else "hidden" if sheet.is_hidden else "left"
    known: dict[str, Any] = {
        "name": sheet.name,
        "state": state,
        "is_hidden": sheet.is_hidden,
        "height": sheet.height,
        "hidden_rows": len(sheet.hidden_rows),
        "hidden_columns": [column for column in sheet.hidden_columns if column < peeking.COLUMNS],
        "is_filtered": sheet.is_filtered,
        "merged": sheet.merged[:200],
        "columns": [],
        "missing": [],
        "layout": "",
    }
    if header is not None:
        known |= {
            "header": header.row,
            "columns": [[label, header.mapping.get(column, "")] for column, label in enumerate(header.labels)],
            "sure": {str(column): one.sure for column, one in header.matches.items()},
            "rivals": {str(column): name for column, name in header.rivals.items()},
            "missing": header.missing,
            "layout": header.layout.code,
            "signature": header.signature,
        }
    return known


def row_of(wanted: Layout, staged: StagedRow) -> Row:
    """A staged row as the layout reads it; its raw cells stay where they are."""
    return Row(staged.sheet, staged.row, cleaning.decode(wanted, staged.clean))
