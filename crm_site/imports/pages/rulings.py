"""Rows that wait for a person's word, with the answers on offer: who is meant, whose value stands; reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from crm_site.imports import wording
from crm_site.imports.actions.rulings import candidates, is_in_conflict
from crm_site.imports.layout import Layout
from crm_site.imports.models import BatchState, ImportBatch, StagedRow, Verdict
from crm_site.imports.rulings import ALL, PART, place_of

#: findings that a person's word settles
NOTED = {"who_is_meant", "changed_meanwhile"}


def is_open(batch: ImportBatch, verdict: str, page: Iterable[StagedRow]) -> bool:
    """Whether something of these rows may be decided now."""
    if batch.state not in {BatchState.PREVIEW, BatchState.APPLIED}:
        return False
    rows = [row for row in page if not row.applied]
    return bool(rows) and (verdict in PART or (verdict == Verdict.CHANGED and any(map(is_in_conflict, rows))))


def lines(batch: ImportBatch, wanted: Layout, page: Iterable[StagedRow], *, several: bool) -> list[dict[str, Any]]:
    """A line for each row: what it is about, and the answers of which one may be chosen."""
    return [_line(batch, wanted, row, several=several) for row in page]


def bulk(verdict: str) -> list[tuple[str, str]]:
    """Answers for all rows of a kind at once."""
    if verdict == Verdict.ASK:
        return [("new", _("All are somebody else")), ("one", _("All are the same person"))]
    return [("ours", _("Our values stay everywhere")), ("file", _("Take the file's values everywhere"))]


def _line(batch: ImportBatch, wanted: Layout, row: StagedRow, *, several: bool) -> dict[str, Any]:
    is_question = row.verdict == Verdict.ASK
    part = PART[Verdict.ASK if is_question else Verdict.CONFLICT]
    said = batch.answers.get(part, {})
    open_to = is_question or row.verdict == Verdict.CONFLICT or is_in_conflict(row)
    return {
        "key": str(row.pk),
        "row": f"{row.sheet} {row.row}" if several else row.row,
        "record": wording.record(wanted, row.clean),
        "diffs": [] if is_question else _diffs(wanted, row),
        "notes": [_note(wanted, row, one) for one in row.findings if one["code"] in NOTED],
        "choices": (_people(row) if is_question else _sides()) if open_to and not row.applied else [],
        "value": said.get(place_of(row.sheet, row.row), said.get(ALL, "")),
    }


def _note(wanted: Layout, row: StagedRow, finding: Mapping[str, Any]) -> str:
    """Why a word is waited for; the name in question goes before where the record does not show it."""
    words, name = wording.reason(finding), str(finding.get("value") or "")
    if finding["code"] != "who_is_meant" or not name or name in wording.record(wanted, row.clean):
        return words
    return _("%(name)s: %(reason)s") % {"name": name, "reason": words}


def _people(row: StagedRow) -> list[tuple[str, str]]:
    """The customers who may be meant, and nobody of them."""
    words = []
    for one in candidates(row):
        who = one["text"] or _("a customer whose data are restricted")
        text = _("the same as %(who)s") % {"who": who}
        if one["row"]:
            text += _(" (row %(row)s of this file)") % {"row": one["row"]}
        words.append((one["key"], text))
    return [*words, ("new", _("somebody else who shares the number (family, colleague)"))]


def _sides() -> list[tuple[str, str]]:
    return [("ours", _("our value stays")), ("file", _("take the file's"))]


def _diffs(wanted: Layout, row: StagedRow) -> list[dict[str, Any]]:
    """Field by field: what stands and what the file says; of a row that changes something, what stays is said."""
    stays = {} if row.verdict == Verdict.CONFLICT else _in_conflict(row)
    pairs = [(name, old, new, "") for name, (old, new) in row.changes.items()]
    pairs += [(name, old, new, _("our value stays")) for name, (old, new) in stays.items()]
    return [
        {
            "field": wording.field_label(wanted, name) or name,
            "old": wording.shown(wanted, name, old),
            "new": wording.shown(wanted, name, new),
            "effect": effect,
        }
        for name, old, new, effect in pairs
    ]


def _in_conflict(row: StagedRow) -> dict[str, tuple[Any, Any]]:
    return {
        one["field"]: (one.get("standing"), row.clean.get(one["field"], one["value"]))
        for one in row.findings
        if one["code"] == "conflict" and one["field"] not in row.changes
    }
