"""What the pages of a batch show: figures, findings, rows by verdict, columns, progress; reads only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_site.core import formats, paging
from crm_site.imports import layout, wording
from crm_site.imports.layout import Field, Layout
from crm_site.imports.models import BatchState, ImportBatch, StagedRow, Verdict
from crm_site.imports.pages import corrections, rulings
from crm_site.imports.rules import FIXED, PROBLEM, WARNING
from crm_site.imports.workbook import mark
from crm_site.jobs import wording as jobs
from crm_site.jobs.models import Job, State

PAGE = 30
#: Columns of the table of plain rows.
COLUMNS = 6
#: Verdicts whose note says what to do with rows; without any it says nothing.
NOTED = (Verdict.CONFLICT, Verdict.PROBLEM)
#: Examples shown of each kind of finding.
EXAMPLES = 4
GRAVEST_FIRST = (Verdict.ASK, Verdict.PROBLEM, Verdict.CONFLICT, Verdict.CHANGED, Verdict.NEW, Verdict.UNCHANGED,
                 Verdict.SKIPPED)  # fmt: skip
#: findings that the rows of a verdict show one by one: no damage of the file
DECIDED_BY_ROW = {"conflict", "changed_meanwhile", "who_is_meant"}
FINDING_MARKS = {PROBLEM: "bad", WARNING: "warn", FIXED: "ok"}


def title(batch: ImportBatch) -> str:
    """What the batch is, for crumbs and lists."""
    known = layout.layouts().get(batch.layout)
    return str(known.label) if known else _("not yet recognised")


def figures(batch: ImportBatch, chosen: str) -> list[dict[str, Any]]:
    """The verdicts with their numbers; each filters the rows below."""
    counts = batch.counts
    found = []
    for verdict in Verdict:
        number = counts.get(verdict, 0)
        if verdict in (Verdict.SKIPPED, Verdict.ASK) and not number:
            continue
        label, note = wording.VERDICTS[verdict]
        note = note if number or verdict not in NOTED else ""
        icon, mark = wording.VERDICT_MARKS[verdict]
        if batch.state == BatchState.APPLIED:
            note = wording.RESULTS.get(verdict, note)
        elif verdict == Verdict.CHANGED and number and counts.get("cells"):
            note = _("%(count)s values") % {"count": formats.number(counts["cells"])}
        url = f"{reverse('imports:batch', args=[batch.pk])}?show={verdict.value}#rows"
        found.append({"label": label, "value": formats.number(number), "note": note, "url": url, "icon": icon,
                      "kind": mark if number else "", "current": verdict == chosen})  # fmt: skip
    return found


def chosen_verdict(batch: ImportBatch, asked: str) -> str:
    """The verdict whose rows are shown: as asked, else the gravest one that there is."""
    if asked in Verdict.values:
        return asked
    return next((verdict for verdict in GRAVEST_FIRST if batch.counts.get(verdict)), Verdict.NEW)


def findings(batch: ImportBatch, wanted: Layout) -> list[dict[str, Any]]:
    """What was found in the file by kind, the grave ones first, with the columns and the first examples of each."""
    several = len(taken_sheets(batch)) > 1
    kinds: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in batch.reading.get("findings", []):
        if one["severity"] in FINDING_MARKS and one["code"] not in DECIDED_BY_ROW:
            kinds.setdefault((one["severity"], one["code"]), []).append(one)
    ways = _ways(batch)
    lines = []
    for (severity, _code), alike in kinds.items():
        labels = [wording.field_label(wanted, one["field"]) or _("The whole row") for one in alike]
        count = sum(one["count"] for one in alike)
        examples = [
            _example(wanted.by_name.get(one["field"]), _place(sheet, row, several=several), value, *new)
            | {"url": ways.get((sheet, row), "") if severity == WARNING and one["field"] else ""}
            for one in alike
            for sheet, row, value, *new in one["examples"]
            if value
        ]
        lines.append(
            {
                "kind": FINDING_MARKS[severity],
                "title": wording.listed(labels),
                "text": wording.reason(alike[0]),
                "count": _cells(count) if alike[0]["field"] else _rows(count),
                "evidence": examples[:EXAMPLES],
            }
        )
    return lines


def _ways(batch: ImportBatch) -> dict[tuple[str, int], str]:
    """(sheet, row) → where a doubtful row given as an example can be corrected, by one query."""
    if not corrections.is_fixable(batch):
        return {}
    doubtful = [one for one in batch.reading.get("findings", []) if one["severity"] == WARNING]
    numbers = {row for one in doubtful for _sheet, row, *_texts in one["examples"]}
    found = StagedRow.objects.filter(batch=batch, row__in=numbers, applied=False).exclude(verdict=Verdict.SKIPPED)
    places = found.values_list("sheet", "row", "pk")
    return {(sheet, row): reverse("imports:row", args=[batch.pk, pk]) for sheet, row, pk in places}


def _example(field: Field | None, where: str, value: str, new: str = "") -> dict[str, str]:
    """A cell as the file has it, and as it was read; phones and VINs masked."""
    day = wording.without_midnight(wording.as_written(field, new))
    return {"text": wording.as_written(field, value), "new": day, "where": where}


def rows(batch: ImportBatch, wanted: Layout, verdict: str, cursor: str) -> dict[str, Any]:
    """One page of the rows of a verdict, in the form that suits it."""
    found: QuerySet[StagedRow] = StagedRow.objects.filter(batch=batch, verdict=verdict)
    page = paging.paginate(found, order=["pk"], cursor=cursor, size=PAGE)
    several = len(taken_sheets(batch)) > 1
    if rulings.is_open(batch, verdict, page):
        return {"page": page, "lines": rulings.lines(batch, wanted, page, several=several), "rulable": True,
                "bulk": rulings.bulk(verdict)}  # fmt: skip
    if verdict in (Verdict.CHANGED, Verdict.CONFLICT):
        lines = [line for row in page for line in _differences(wanted, row, several=several)]
    elif verdict == Verdict.PROBLEM and corrections.is_fixable(batch):
        return {"page": page, "lines": [corrections.bad_row(batch, wanted, row, several=several) for row in page],
                "fixable": True}  # fmt: skip
    elif verdict in (Verdict.PROBLEM, Verdict.SKIPPED):
        lines = [line for row in page for line in _reasons(wanted, row, several=several)]
    else:
        lines = [_plain(batch, wanted, row, several=several) for row in page]
    return {"page": page, "lines": lines, "columns": [field.label for field in _shown_fields(wanted)]}


def effects(batch: ImportBatch, wanted: Layout) -> list[dict[str, Any]]:
    """What was written beside the rows, such as new customers: words and numbers."""
    counted = batch.counts.get("effects", {})
    return [
        {"term": wanted.effects.get(name, name), "text": formats.number(count)}
        for name, count in counted.items()
        if count
    ]


def taken_sheets(batch: ImportBatch) -> list[dict[str, Any]]:
    """The sheets of which rows were taken."""
    return [sheet for sheet in batch.reading.get("sheets", []) if sheet["state"] == "taken"]


def facts(batch: ImportBatch) -> list[str]:
    """The line under the heading: sheets, header, size, true format."""
    taken = taken_sheets(batch)
    named = [f"“{sheet['name']}”" for sheet in taken if sheet["name"]]
    lines = []
    if named:
        lines.append(_("Sheet %(names)s") % {"names": wording.listed(named[:3]) + ("…" if len(named) > 3 else "")})
    if taken:
        lines.append(_("header in row %(row)s") % {"row": taken[0]["header"]})
        size = {"rows": formats.number(batch.counts.get("rows", 0)), "columns": len(taken[0]["columns"])}
        lines.append(_("%(rows)s rows × %(columns)s columns") % size)
    form = wording.FORMATS.get(batch.reading.get("format", ""))
    if form and not _is_usual(batch):
        lines.append(_("really %(format)s") % {"format": form})
    return lines


def left_out(batch: ImportBatch) -> str:
    """Which sheets were not taken; '' when all were."""
    others = [
        sheet
        for sheet in batch.reading.get("sheets", [])
        if sheet["state"] != "taken" and not mark.is_ours(sheet["name"])
    ]
    hidden = [f"“{sheet['name']}”" for sheet in others if sheet["state"] == "hidden"]
    strange = [f"“{sheet['name']}”" for sheet in others if sheet["state"] == "ignored"]
    parts = []
    unseen = sum(sheet.get("hidden_rows", 0) for sheet in taken_sheets(batch) if not _takes_hidden(batch, sheet))
    if unseen:
        words = ngettext(
            "%(count)s hidden or filtered row is not taken.", "%(count)s hidden or filtered rows are not taken.", unseen
        )
        parts.append(words % {"count": formats.number(unseen)})
    if hidden:
        parts.append(_("Hidden sheets are not taken: %(names)s.") % {"names": wording.listed(hidden)})
    if strange:
        parts.append(_("Without this list's columns: %(names)s.") % {"names": wording.listed(strange)})
    return " ".join(parts)


def _takes_hidden(batch: ImportBatch, sheet: Mapping[str, Any]) -> bool:
    return bool(batch.answers.get("sheets", {}).get(sheet["name"], {}).get("hidden_rows"))


def refusal(batch: ImportBatch) -> dict[str, Any]:
    """Why the file was refused and what to do; names the missing columns."""
    what, then = wording.REFUSALS.get(batch.refusal, wording.REFUSALS["unreadable"])
    known = layout.layouts().get(batch.refusal_detail.get("layout", "") or batch.layout)
    missing = batch.refusal_detail.get("missing", [])
    words = [wording.field_label(known, name) for name in missing] if known else []
    return {"title": what, "text": then, "missing": words, "layout": known}


def running_job(batch: ImportBatch) -> Job | None:
    """The job that the batch waits for now."""
    return batch.apply_job if batch.state == BatchState.APPLYING else batch.stage_job


def progress(batch: ImportBatch, job: Job, now: datetime) -> dict[str, Any]:
    """The running job for the progress component; `url` is empty once it has ended."""
    reading = batch.state == BatchState.READING
    words = [(_("read and check the rows"), reading), (_("you look at the preview"), False)]
    words += [(_("write the rows"), not reading), (_("schedule what follows"), False)]
    current = 0 if reading else 2
    stages = [
        {"word": word, "note": _of_total(job) if is_now else "", "state": _stage_state(place, current)}
        for place, (word, is_now) in enumerate(words)
    ]
    return {
        "url": reverse("imports:progress", args=[batch.pk]) if job.is_open else "",
        "done": job.done,
        "total": job.total,
        "percent": job.percent or 0,
        "note": jobs.remaining(job, now) or (_("waiting for its turn") if job.state == State.QUEUED else ""),
        "stages": stages,
    }


def _stage_state(place: int, current: int) -> str:
    return "done" if place < current else "now" if place == current else ""


def _of_total(job: Job) -> str:
    return f"{formats.number(job.done)} / {formats.number(job.total)}" if job.total else ""


def _is_usual(batch: ImportBatch) -> bool:
    """Whether the file is what its ending says."""
    ending = batch.file.name.rpartition(".")[2].lower()
    usual = {"workbook": {"xlsx", "xls", "xlsm", "xlsb", "ods"}, "csv": {"csv", "txt", "tsv"}, "html": {"html", "htm"}}
    return ending in usual.get(batch.reading.get("format", ""), set())


def _rows(count: int) -> str:
    """A number of rows with its unit."""
    return ngettext("%(count)s row", "%(count)s rows", count) % {"count": formats.number(count)}


def _cells(count: int) -> str:
    """A number of cells with its unit."""
    return ngettext("%(count)s cell", "%(count)s cells", count) % {"count": formats.number(count)}


def _place(sheet: str, row: int, *, several: bool) -> str:
    where = _("row %(row)s") % {"row": formats.number(row)}
    return f"{sheet} {where}" if several and sheet else where


def _differences(wanted: Layout, row: StagedRow, *, several: bool) -> list[dict[str, Any]]:
    """A line for each changed field; the record only on the first."""
    lines = []
    for number, (name, (old, new)) in enumerate(row.changes.items()):
        lines.append(
            {
                "row": (f"{row.sheet} {row.row}" if several else row.row) if number == 0 else "",
                "record": wording.record(wanted, row.clean) if number == 0 else "",
                "field": wording.field_label(wanted, name) or name,
                "old": wording.shown(wanted, name, old),
                "new": wording.shown(wanted, name, new),
                "effect": _("our value stays") if row.verdict == Verdict.CONFLICT else "",
            }
        )
    return lines


def _reasons(wanted: Layout, row: StagedRow, *, several: bool) -> list[dict[str, Any]]:
    """A line for each reason of a refused or skipped row."""
    grave = [one for one in row.findings if one["severity"] in (PROBLEM, "skipped")]
    return [
        {
            "row": f"{row.sheet} {row.row}" if several else row.row,
            "column": wording.field_label(wanted, one["field"]) or wording.record(wanted, row.clean),
            "value": wording.as_written(wanted.by_name.get(one["field"]), one["value"]),
            "reason": wording.reason(one),
            "suggestion": wording.as_written(wanted.by_name.get(one["field"]), one.get("suggestion", "")),
        }
        for one in grave
    ]


def _plain(batch: ImportBatch, wanted: Layout, row: StagedRow, *, several: bool) -> dict[str, Any]:
    """A row by its first fields, with what was noted about it and the way to correct what is doubtful."""
    cells = [wording.shown(wanted, field.name, row.clean.get(field.name)) for field in _shown_fields(wanted)]
    notes = [wording.reason(one) for one in row.findings if one["severity"] == WARNING]
    place = f"{row.sheet} {row.row}" if several else row.row
    doubtful = any(one["severity"] == WARNING and one["field"] for one in row.findings)
    fixable = doubtful and corrections.is_fixable(batch) and not row.applied
    url = reverse("imports:row", args=[batch.pk, row.pk]) if fixable else ""
    return {"row": place, "cells": cells, "notes": notes, "url": url}


def _shown_fields(wanted: Layout) -> list[Any]:
    """The columns of plain rows: the required ones first."""
    return sorted(wanted.fields, key=lambda field: not field.required)[:COLUMNS]
