"""Reads and judges one staged row anew, as reading the file again with its answers would; keeps the figures right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from crm_site.imports import cleaning, layout, rulings
from crm_site.imports.layout import Judgement, Layout, Row
from crm_site.imports.models import ImportBatch, StagedRow, Verdict
from crm_site.imports.rules import PROBLEM
from crm_site.imports.staging import context_of, row_of

#: Further lines of one record that are looked for behind it.
_MOST_LINES = 500
_EXAMPLES = 3
_COLUMNS = ("clean", "findings", "verdict", "changes", "target_type", "target_id")


def mapping_of(batch: ImportBatch, sheet: str) -> dict[int, str]:
    """Column → field of a sheet, as it was read."""
    sheets = [one for one in batch.reading.get("sheets", []) if one["name"] == sheet]
    return {place: name for one in sheets[:1] for place, (_title, name) in enumerate(one["columns"]) if name}


def key_fields(wanted: Layout, row: Row) -> list[str]:
    """The fields by which a row is known, as far as its key looks at them."""
    watched = _Watched(row.values)
    wanted.key(Row(row.sheet, row.number, watched))
    return list(dict.fromkeys(watched.asked))


class _Watched(dict):
    """Values that note which of them are asked for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.asked: list[str] = []

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.append(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self.asked.append(name)
        return super().__getitem__(name)


class Rejudging:
    """The judging of single rows of a locked batch; changes the batch's figures in memory, the caller saves them."""

    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self.wanted = layout.get(batch.layout).at(batch.store)

    def judge(self, staged: StagedRow) -> StagedRow:
        """Read a row again with what has been said of it, compare it, and keep the result; gives the row."""
        row = self._read(staged)
        while (twin := self._twin(staged, row)) is not None and self._waits_for(staged, row, twin):
            self._keep(twin, _skipped(self._clean(twin), "merged_into", staged.row))
            row = self._read(staged)
        if twin is not None and self._is_further_line(staged, row, twin):
            self._keep(staged, _skipped(row, "merged_into", twin.row))
            self.judge(twin)
            return staged
        if twin is not None and not self._says_the_same(twin, row):
            row.problem("key_twice", first=twin.row)
        elif twin is not None:
            return self._keep(staged, _skipped(row, "same_row", twin.row))
        return self._keep(staged, self._judged(row))

    def _read(self, staged: StagedRow) -> Row:
        """The row from its raw cells and a person's corrections, with its further lines folded in."""
        row = self._clean(staged)
        row.amounts = self.batch.answers.get("amounts", "")
        if self.wanted.merge is not None:
            for line in self._lines(staged):
                self.wanted.merge(row, self._clean(line))
        return row

    def _clean(self, staged: StagedRow) -> Row:
        cleaner = cleaning.Cleaner(
            self.wanted,
            mapping_of(self.batch, staged.sheet),
            is_1904=self.batch.reading.get("is_1904", False),
            answers=self.batch.answers,
        )
        return cleaner.row(staged.raw, sheet=staged.sheet, number=staged.row)

    def _lines(self, staged: StagedRow) -> list[StagedRow]:
        """The staged rows that were folded into this one."""
        later = self._others(staged).filter(sheet=staged.sheet, row__gt=staged.row, verdict=Verdict.SKIPPED)
        return [line for line in later.order_by("row")[:_MOST_LINES] if _is_line_of(line, staged.row)]

    def _twin(self, staged: StagedRow, row: Row) -> StagedRow | None:
        """Another row of the file with the same key; the values that the key looks at narrow the search."""
        key = self.wanted.key(row)
        if key is None:
            return None
        others = self._others(staged).exclude(verdict=Verdict.SKIPPED)
        clean = cleaning.encode(self.wanted, row.values)
        for name in key_fields(self.wanted, row):
            if isinstance(clean.get(name), str | int):
                others = others.filter(**{f"clean__{name}": clean[name]})
        for other in others.order_by("pk").iterator(chunk_size=500):
            if self.wanted.key(row_of(self.wanted, other)) == key and not self._comes_later(other, staged):
                return other
        return None

    def _comes_later(self, other: StagedRow, staged: StagedRow) -> bool:
        """Whether a row is a further line below, which is refused for a reason of its own: mended it will join."""
        is_below = other.sheet == staged.sheet and other.row > staged.row
        return self.wanted.merge is not None and is_below and bool(_reasons(other) - {"key_twice"})

    def _waits_for(self, staged: StagedRow, row: Row, twin: StagedRow) -> bool:
        """Whether a row below is refused only because the one above it, now mended, has the same key."""
        if self.wanted.merge is None or row.is_refused or _reasons(twin) != {"key_twice"}:
            return False
        return self._is_next(staged, twin)

    def _is_next(self, first: StagedRow, line: StagedRow) -> bool:
        """Whether a row stands below another one, with no record between."""
        between = StagedRow.objects.filter(batch=self.batch, sheet=first.sheet, row__gt=first.row, row__lt=line.row)
        is_below = first.sheet == line.sheet and first.row < line.row
        return is_below and not between.exclude(verdict__in=[Verdict.SKIPPED, Verdict.PROBLEM]).exists()

    def _is_further_line(self, staged: StagedRow, row: Row, twin: StagedRow) -> bool:
        """Whether a mended row is a further line of the record above it, as the reading would have taken it."""
        if self.wanted.merge is None or row.is_refused or twin.applied or twin.verdict == Verdict.PROBLEM:
            return False
        return self._is_next(twin, staged)

    def _says_the_same(self, twin: StagedRow, row: Row) -> bool:
        return twin.clean == cleaning.encode(self.wanted, row.values)

    def _judged(self, row: Row) -> Judgement:
        if row.is_refused:
            return Judgement(row, Verdict.PROBLEM)
        context = context_of(self.batch)
        context.roster.resolve(self.wanted, [row])
        rulings.obey(self.batch.answers, [row])
        judged = next(iter(self.wanted.compare(context, [row])))
        if row.is_refused:
            judged.verdict = Verdict.PROBLEM
        return judged

    def _keep(self, staged: StagedRow, judged: Judgement) -> StagedRow:
        """Write what a row is now, and move it from one figure to the other."""
        self._count(staged, -1)
        staged.clean = cleaning.encode(self.wanted, judged.row.values)
        staged.findings, staged.verdict, staged.changes = judged.row.findings, judged.verdict, judged.changes
        staged.target_type, staged.target_id = judged.target_type, judged.target_id
        staged.save(update_fields=_COLUMNS)
        self._count(staged, 1)
        return staged

    def _count(self, staged: StagedRow, step: int) -> None:
        counts = Counter(self.batch.counts)
        counts[staged.verdict] += step
        counts["cells"] += step * len(staged.changes)
        self.batch.counts = dict(counts)
        found = self.batch.reading.get("findings", [])
        for one in staged.findings:
            _count_finding(found, one, staged, step)
        self.batch.reading["findings"] = [one for one in found if one["count"] > 0]

    def _others(self, staged: StagedRow) -> QuerySet[StagedRow]:
        return StagedRow.objects.filter(batch=self.batch).exclude(pk=staged.pk)


def _skipped(row: Row, reason: str, first: int) -> Judgement:
    row.findings = [{"severity": "skipped", "code": reason, "field": "", "value": "", "first": first}]
    return Judgement(row, Verdict.SKIPPED)


def _reasons(staged: StagedRow) -> set[str]:
    """The codes for which a row is refused."""
    return {one["code"] for one in staged.findings if one["severity"] == PROBLEM}


def _is_line_of(line: StagedRow, first: int) -> bool:
    return any(one["code"] == "merged_into" and one.get("first") == first for one in line.findings)


def _count_finding(found: list[dict[str, Any]], one: Mapping[str, Any], staged: StagedRow, step: int) -> None:
    """Count a finding of a row in or out of the file's findings by kind, its example too."""
    kind = _kind(found, one)
    if kind is None:
        if step < 0:
            return
        kind = {name: one[name] for name in ("severity", "code", "field")} | {"count": 0, "examples": []}
        found.append(kind)
    kind["count"] += step
    place = [staged.sheet, staged.row]
    if step < 0:
        kind["examples"] = [example for example in kind["examples"] if example[:2] != place]
    elif len(kind["examples"]) < _EXAMPLES:
        kind["examples"].append([*place, one["value"], one.get("new", "")])


def _kind(found: Iterable[dict[str, Any]], one: Mapping[str, Any]) -> dict[str, Any] | None:
    wanted = [one[name] for name in ("severity", "code", "field")]
    return next((kind for kind in found if [kind["severity"], kind["code"], kind["field"]] == wanted), None)
