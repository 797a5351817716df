"""What is to be marked in a batch's workbook: a plan and the marks of every sheet, written for the process that marks.

plan.json: {"sheets": [{"name", "title", "header": row, "column": of the results, "last": row, "marks": file}], "own":
[sheets of an earlier error workbook], "result_title", "mark", "is_large", "problems": lines of the summary, "summary":
{"title", "lines", "head", "widths"}}. A mark: {"r": row, "t": result, "k": bad|warn|"", "c": [[column, kind, comment]],
"p": [[column or null, kind, title, value, reason]]}. Columns count from 1, all text is plain.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from crm_site.core import formats
from crm_site.core.xlsx import clean
from crm_site.imports import layout, wording
from crm_site.imports.layout import Layout
from crm_site.imports.models import ImportBatch, StagedRow, Verdict
from crm_site.imports.rules import PROBLEM, WARNING
from crm_site.imports.workbook import mark, words

#: Above this many rows or cells a workbook is written row by row.
LARGE_ROWS, LARGE_CELLS = 20_000, 250_000
WIDTHS = (18, 8, 18, 30, 80)
#: a conflict says what stands here and what the file says
_KINDS = {PROBLEM: "bad", WARNING: "warn", "conflict": "warn", "ask": "warn"}


def write(batch: ImportBatch, folder: Path) -> dict[str, Any]:
    """Write plan.json and the marks of a batch into a folder, in the active language; gives the plan."""
    wanted = layout.get(batch.layout).at(batch.store)
    sheets, problems = [], 0
    for number, sheet in enumerate(_taken(batch)):
        part = _Sheet(wanted, sheet, f"marks-{number}.jsonl")
        problems += part.write(batch, folder)
        sheets.append(part.as_plan())
    rows = batch.counts.get("rows", 0)
    plan = {
        "sheets": sheets,
        "own": _own(batch),
        "result_title": str(words.WORDS[words.TITLE]),
        "mark": mark.of(batch.pk),
        "is_large": rows > LARGE_ROWS or rows * max((one["column"] for one in sheets), default=1) > LARGE_CELLS,
        "problems": problems,
        "summary": _summary(batch, wanted),
    }
    (folder / "plan.json").write_text(json.dumps(plan, ensure_ascii=False))
    return plan


class _Sheet:
    """The marks of one sheet."""

    def __init__(self, wanted: Layout, sheet: Mapping[str, Any], marks: str) -> None:
        self.wanted, self.sheet, self.marks = wanted, sheet, marks
        titles = self.titles = [title for title, _name in sheet["columns"]]
        self.places = {name: number for number, (_title, name) in enumerate(sheet["columns"], start=1) if name}
        old = next((number for number, title in enumerate(titles, 1) if words.says(words.TITLE, title)), None)
        self.width, self.old, self.last = len(titles), old, sheet["header"]
        self.open_rows: set[int] = set()  # rows with something to be corrected or checked
        self.torn: set[int] = set()  # rows of which a further line was refused

    @property
    def column(self) -> int:
        """Where the results stand: the column of an earlier workbook, else behind the last one."""
        return self.old or self.width + 1

    def as_plan(self) -> dict[str, Any]:
        """The sheet's part of the plan; after `write`, which finds how wide and long it is."""
        name = self.sheet["name"]
        return {"name": name, "title": name, "header": self.sheet["header"], "column": self.column, "last": self.last,
                "marks": self.marks}  # fmt: skip

    def write(self, batch: ImportBatch, folder: Path) -> int:
        """Write the marks of all rows; gives how many lines they have in the summary."""
        rows = StagedRow.objects.filter(batch=batch, sheet=self.sheet["name"]).order_by("row")
        fields = ("row", "raw", "findings", "verdict", "changes", "applied")
        problems, self.torn = 0, self._torn(batch)
        with (folder / self.marks).open("w") as stream:
            for row in rows.only(*fields).iterator(chunk_size=2_000):
                self.width, self.last = max(self.width, len(row.raw)), row.row
                line = self._mark(row)
                problems += len(line["p"])
                stream.write(json.dumps(line, ensure_ascii=False) + "\n")
        return problems

    def _torn(self, batch: ImportBatch) -> set[int]:
        """First lines of which a further line was refused: that line corrected is a part of them, and nothing alone."""
        if self.wanted.merge is None:
            return set()
        refused = StagedRow.objects.filter(batch=batch, sheet=self.sheet["name"], verdict=Verdict.PROBLEM)
        found = refused.values_list("findings", flat=True).iterator(chunk_size=2_000)
        return {one["first"] for findings in found for one in findings if one["code"] == "key_twice"}

    def _mark(self, row: StagedRow) -> dict[str, Any]:
        """Everything that is written into and beside a row."""
        told = list(self._reasons(row))
        cells: dict[int, list[tuple[str, str]]] = {}
        for column, kind, _title, _value, reason in told:
            if column:
                cells.setdefault(column, []).append((kind, reason))
        if told:
            self.open_rows.add(row.row)
        reasons = [_titled(title, reason) for _column, _kind, title, _value, reason in told]
        return {
            "r": row.row,
            "t": clean(self._result(row, reasons)),
            "k": _gravest(kind for _column, kind, *_rest in told),
            "c": [[column, _gravest(kind for kind, _text in said), clean("\n".join(text for _kind, text in said))]
                  for column, said in cells.items()],
            "p": told,
        }  # fmt: skip

    def _result(self, row: StagedRow, reasons: list[str]) -> str:
        """What became of the row; a further line of a record that is to be corrected is taken again with it."""
        result = words.result_of(row.verdict, is_applied=row.applied)
        skipped = [one for one in row.findings if one["severity"] == "skipped"]
        if result == words.SKIPPED and skipped:
            first = skipped[0].get("first")
            if skipped[0]["code"] == "merged_into" and first in self.open_rows:
                return _("A further line of row %(row)s, to be taken together with it") % {"row": first}
            reasons = [wording.reason(one) for one in skipped]
        return words.sentence(result, reasons)

    def _reasons(self, row: StagedRow) -> Iterator[tuple[int | None, str, str, str, str]]:
        """(column, kind, title, value, reason) of everything that is to be corrected, checked or decided."""
        for one in row.findings:
            kind = _KINDS.get(one["severity"])
            if kind is not None:
                yield self._line(one["field"], kind, one["value"], _with_suggestion(one))
        if row.row in self.torn:
            yield self._line("", "warn", "", _("A further line of it is not in. They are taken together."))
        if row.verdict == Verdict.CONFLICT:
            for name, (old, new) in row.changes.items():
                reason = _("Edited here since the last import: %(value)s stays.")
                shown = wording.shown(self.wanted, name, old)
                yield self._line(name, "warn", wording.shown(self.wanted, name, new), reason % {"value": shown})

    def _line(self, name: str, kind: str, value: str, reason: str) -> tuple[int | None, str, str, str, str]:
        place = self.places.get(name)
        title = self.titles[place - 1] if place else str(wording.field_label(self.wanted, name))
        return place, kind, clean(title), clean(value), clean(reason)


def _titled(title: str, reason: str) -> str:
    return _("%(title)s: %(reason)s") % {"title": title, "reason": reason} if title else reason


def _gravest(kinds: Any) -> str:
    found = set(kinds)
    return "bad" if "bad" in found else "warn" if found else ""


def _with_suggestion(finding: Mapping[str, Any]) -> str:
    reason = wording.reason(finding)
    if finding.get("suggestion"):
        return f"{reason} {_('Perhaps %(value)s?') % {'value': finding['suggestion']}}"
    return reason


def _taken(batch: ImportBatch) -> list[dict[str, Any]]:
    return [sheet for sheet in batch.reading.get("sheets", []) if sheet["state"] == "taken"]


def _own(batch: ImportBatch) -> list[str]:
    """The sheets that an earlier error workbook has added to the file."""
    if batch.repair_of_id is None:
        return []
    names = [sheet["name"] for sheet in batch.reading.get("sheets", [])]
    return [name for name in names if mark.is_mark(name) or words.says(words.SUMMARY, name)]


def _summary(batch: ImportBatch, wanted: Layout) -> dict[str, Any]:
    """The words of the summary: what was brought, the figures, what to do, the head of the list."""
    lines = [
        [str(words.WORDS[words.SUMMARY])],
        [_("File"), batch.file.name],
        [_("List"), f"{wanted.label} · {batch.store.short_name}"],
        [_("Batch %(number)s") % {"number": batch.pk}],
    ]
    for verdict, (label, _note) in wording.VERDICTS.items():
        if number := batch.counts.get(verdict, 0):
            lines.append([str(label), formats.number(number)])
    lines += [[], [str(words.NOTE)], []]
    return {
        "title": str(words.WORDS[words.SUMMARY]),
        "sheet": str(wanted.label),  # of a file whose sheets have no names
        "lines": [[clean(text) for text in line] for line in lines],
        "head": [_("Sheet"), _("Row"), _("Column"), _("Cell"), _("Reason")],
        "widths": WIDTHS,
    }
