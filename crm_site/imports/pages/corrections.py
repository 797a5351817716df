"""What a refused or doubtful row shows: each bad cell as it stands, why, and a repair to take with one click."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_site.core import formats, text
from crm_site.imports import cleaning, damage, wording
from crm_site.imports.actions import batches as actions
from crm_site.imports.layout import Layout, Row
from crm_site.imports.models import BatchState, ImportBatch, StagedRow, Verdict
from crm_site.imports.rejudging import key_fields, mapping_of
from crm_site.imports.rules import FIXED, PROBLEM, WARNING

MARKS = {PROBLEM: "bad", WARNING: "warn", FIXED: "ok"}


@dataclass
class Cell:
    """One cell of a row: what stands there, what is said of it, what may be put in its place."""

    name: str
    label: Any
    #: as the file or a person has written it
    written: str
    #: the same, masked
    shown: str = ""
    is_open: bool = False
    is_bad: bool = False
    notes: list[tuple[str, str]] = field(default_factory=list)
    suggestion: str = ""
    #: as it was read, masked
    read: str = ""


def cells(batch: ImportBatch, wanted: Layout, staged: StagedRow, typed: Mapping[str, str] | None = None) -> list[Cell]:
    """Every cell of a row that has a field; open to correction are those of which something is said or was typed."""
    said = batch.answers.get("cells", {}).get(f"{staged.sheet}!{staged.row}", {})
    known: dict[str, Cell] = {}
    for place, name in mapping_of(batch, staged.sheet).items():
        one = wanted.by_name.get(name)
        if one is None:
            continue
        raw = staged.raw[place] if place < len(staged.raw) else None
        written = said.get(name, "" if raw == damage.FORMULA else text.cell_text(raw))
        read = wording.shown(wanted, name, staged.clean.get(name))
        known[name] = Cell(name, one.label, written, wording.as_written(one, written), is_open=name in said, read=read)
    for one in staged.findings:
        _note(known, wanted, staged, one)
    for name, written in (typed or {}).items():
        if name in known:
            known[name].written = written
    return list(known.values())


def _note(known: dict[str, Cell], wanted: Layout, staged: StagedRow, one: Mapping[str, Any]) -> None:
    """Put a finding to its cell; a repetition of another row to the cells by which the row is known."""
    names = [one["field"]] if one["field"] else _key_of(wanted, staged) if one["code"] == "key_twice" else []
    for place, name in enumerate(name for name in names if name in known):
        cell = known[name]
        if place == 0:
            cell.notes.append((MARKS.get(one["severity"], ""), wording.reason(one)))
        cell.is_open = cell.is_open or one["severity"] in (PROBLEM, WARNING)
        cell.is_bad = cell.is_bad or one["severity"] == PROBLEM
        cell.suggestion = cell.suggestion or one.get("suggestion", "")


def _key_of(wanted: Layout, staged: StagedRow) -> list[str]:
    return key_fields(wanted, Row(staged.sheet, staged.row, cleaning.decode(wanted, staged.clean)))


def general(wanted: Layout, staged: StagedRow, shown: list[Cell]) -> list[str]:
    """What is wrong with the row as a whole, or with a field that the file has no column for."""
    names = {cell.name for cell in shown}
    return [
        f"{wording.field_label(wanted, one['field'])} {wording.reason(one)}".strip()
        for one in staged.findings
        if one["severity"] == PROBLEM and one["field"] not in names and one["code"] != "key_twice"
    ]


def bad_row(
    batch: ImportBatch,
    wanted: Layout,
    staged: StagedRow,
    *,
    several: bool,
    typed: Mapping[str, str] | None = None,
    error: str = "",
) -> dict[str, Any]:
    """A row of the list of refused rows, for imports/bad_row.html; once it is not refused any more, what it will do."""
    shown = cells(batch, wanted, staged, typed)
    label, note = wording.VERDICTS[Verdict(staged.verdict)]
    is_refused = staged.verdict == Verdict.PROBLEM
    return {
        "pk": staged.pk,
        "batch": batch.pk,
        "number": f"{staged.sheet} {staged.row}" if several else staged.row,
        "cells": [cell for cell in shown if cell.is_bad or (typed and cell.name in typed)] if is_refused else [],
        "general": general(wanted, staged, shown) if is_refused else [],
        "is_refused": is_refused,
        "verdict": label,
        "note": wording.reason(staged.findings[0]) if staged.verdict == Verdict.SKIPPED else note,
        "record": wording.record(wanted, staged.clean),
        "error": error,
    }


def is_fixable(batch: ImportBatch) -> bool:
    """Whether cells of a batch may be corrected now."""
    return batch.state == BatchState.PREVIEW


def foot(batch: ImportBatch) -> dict[str, Any]:
    """What the foot of the preview says: how many rows a confirmation writes, and what of the others."""
    waiting, unfinished = actions.waiting_rows(batch), actions.is_unfinished(batch)
    return {
        "waiting": waiting,
        "submit": wording.to_write(waiting, is_begun=unfinished),
        "unfinished": unfinished,
        "consequence": {name: formats.number(batch.counts.get(name, 0)) for name in Verdict.values},
    }
