"""What stands on a report's page around the table: figures, the sum, categories, money, adjustments, definitions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from crm_site.core import formats
from crm_site.reports import adjustments, rules, wording
from crm_site.reports.board import Cell, list_url
from crm_site.reports.lens import Lens, Row
from crm_site.reports.models import ReportState


def sum_line(lens: Lens) -> dict[str, Any]:
    """Σ employees + lines = store = company, each part with its list; for a head only the own employees."""
    found = rules.sum_of(lens.snapshot)
    parts = [
        {"label": wording.LINES[line], "number": count, "url": list_url(lens, "tickets", line=line) if count else ""}
        for line, count in found.lines.items()
    ]
    everything = list_url(lens, "tickets") if found.total else ""
    return {
        "is_even": found.is_even,
        "employees": {"number": found.employees, "url": list_url(lens, "tickets", column="direct")},
        "lines": parts,
        "total": {"number": found.total, "url": everything},
        "company": {"number": found.company, "url": everything if found.company == found.total else ""},
        "own": sum(len(row["direct"]) for row in lens.rows),
    }


def figures(lens: Lens) -> list[dict[str, Any]]:
    """The figures on top: complaints, grievances, undecided, not judged yet."""
    snapshot, own = lens.snapshot, lens.rows
    if not lens.is_whole:
        direct, noted = (sum(len(row[name]) for row in own) for name in ("direct", "grievances"))
        people = _("employees of your department")
        return [
            _figure(_("Complaints, directly liable"), direct, people, list_url(lens, "tickets", column="direct")),
            _figure(_("Grievances"), noted, people, list_url(lens, "tickets", column="grievances")),
        ]
    undecided = len(snapshot["lines"][rules.UNDECIDED])
    return [
        _figure(_("Complaints"), snapshot["total"], _("valid, L2–L4, received in the month"),
                list_url(lens, "tickets")),
        _figure(_("Grievances"), len(snapshot["grievances"]), _("L1, asks for no result"),
                list_url(lens, "tickets", line="grievances")),
        _figure(_("Liability undecided"), undecided, _("in a line of their own"),
                list_url(lens, "tickets", line=rules.UNDECIDED), "warn" if undecided else ""),
        _figure(_("Not counted yet"), len(snapshot["unjudged"]), _("validity or level is open"),
                list_url(lens, "tickets", line="unjudged"), "warn" if snapshot["unjudged"] else ""),
    ]  # fmt: skip


def _figure(label: str, number: int, note: str, url: str, kind: str = "") -> dict[str, Any]:
    return {"label": label, "value": formats.number(number), "note": note, "url": url if number else "", "kind": kind}


def handling(lens: Lens) -> list[dict[str, Any]]:
    """How all complaints of the store were handled: a line for each share, both numbers with their lists."""
    snapshot = lens.snapshot
    if not lens.is_whole or snapshot["format"] < rules.FORMAT:
        return []
    found, received = snapshot["handled"], snapshot["total"]
    lines = []
    for part, whole in wording.SHARES.values():
        hits, n = len(found[part]), received if whole == "direct" else len(found[whole])
        url = list_url(lens, "tickets") if whole == "direct" else list_url(lens, "tickets", line=whole)
        lines.append({
            "label": wording.TICKETS[part],
            "of": _("Complaints") if whole == "direct" else wording.TICKETS[whole],
            "part": {"number": hits, "url": list_url(lens, "tickets", line=part) if hits else ""},
            "whole": {"number": n, "url": url if n else ""},
            "percent": formats.percent(Decimal(hits) / n) if n else formats.EMPTY,
        })  # fmt: skip
    return lines


def categories(lens: Lens) -> dict[str, Any]:
    """Complaints by top-level category: a column for each that occurs, a row for each employee who has any."""
    words = wording.category_words(lens.report.store_id)
    rows = [row for row in lens.rows if row["direct"]]
    codes = {code for row in rows for code in row["categories"]}
    if lens.is_whole:
        codes |= lens.snapshot["categories"].keys()
    used = [code for code in words if code in codes] + sorted(codes - words.keys())
    return {
        "codes": used,
        "columns": [_("Employee"), *(words.get(code, code) for code in used)],
        "rows": [{"label": row["name"], "cells": _category_cells(lens, row, used)} for row in rows],
        "total": {"label": _("Store"), "cells": [_count_text(lens.snapshot["categories"], code) for code in used]}
        if lens.is_whole
        else None,
    }


def _category_cells(lens: Lens, row: Row, used: list[str]) -> list[Cell]:
    who = {"employee": row["employee"], "series": row["series"], "column": "direct"}
    return [
        {
            **_count_text(row["categories"], code),
            "url": list_url(lens, "tickets", **who, category=code or "none") if row["categories"].get(code) else "",
        }
        for code in used
    ]


def _count_text(found: dict[str, list[int]], code: str) -> Cell:
    return {"text": formats.number(len(found.get(code, [])))}


def money(lens: Lens) -> list[dict[str, Any]]:
    """补偿 and 索赔 by liable department, of the tickets closed in the month; the whole store's only."""
    if not lens.is_whole:
        return []
    return [
        {
            "code": code,
            "label": wording.department_word(code),
            "tickets": {"number": len(line["tickets"]), "url": list_url(lens, "tickets", line="money", of=code)},
            "compensation": Decimal(line["compensation"]),
            "claim": Decimal(line["claim"]),
        }
        for code, line in lens.snapshot["money"].items()
    ]


def definitions(lens: Lens) -> list[dict[str, Any]]:
    """Every column with how it is counted, then what the store has set."""
    rows = [{"label": label, "text": text} for label, text in wording.DEFINITIONS]
    rows.append({"label": _("How far adjustments reach"), "text": reach_of_adjustments(lens)})
    counted_by = lens.snapshot["rules"]
    if counted_by:
        asked = [f"{code} v{number}" for code, number in lens.snapshot["questionnaires"]]
        text = _("month from day %(begins)s, repeats within %(repeat)s days, questionnaires: %(asked)s")
        values = {
            "begins": counted_by["month_begins"],
            "repeat": counted_by["repeat_days"],
            "asked": _(", ").join(asked) or formats.EMPTY,
        }
        rows.append({"label": _("Settings"), "text": text % values})
    return rows


# ---- adjustments ----------------------------------------------------------------------------------------------------


def reach_of_adjustments(lens: Lens) -> str:
    """How many months back this report has looked for what was decided late, and what becomes of older months."""
    months = (lens.snapshot["rules"] or {}).get("adjust_back", rules.ADJUST_BACK)
    text = _(
        "Changes of the %(months)s months before are looked for; what changes in an older month is in no report, and"
        " stands on that month's own page."
    )
    return text % {"months": months}


def adjusted(lens: Lens) -> list[dict[str, Any]]:
    """上月补记: what this report makes up for of months before; a head sees lines of the own people."""
    return _lines(lens, lens.snapshot["adjustments"], lens.snapshot["people"])


def absorbed(lens: Lens) -> list[dict[str, Any]]:
    """What later reports had adjusted of this month and this revision counts itself: not to be paid twice."""
    return _lines(lens, lens.snapshot["absorbed"], lens.snapshot["people"])


def moved_since(lens: Lens) -> list[dict[str, Any]]:
    """发布后的调整: what has changed of a published month since, and in which report it stands."""
    if lens.report.state != ReportState.PUBLISHED:
        return []
    found = adjustments.since(lens.report)
    return _lines(lens, found, adjustments.names(found))


def _lines(lens: Lens, lines: list[dict[str, Any]], names: dict[str, str]) -> list[dict[str, Any]]:
    own = {row["employee"] for row in lens.rows}
    return [
        {
            "month": wording.month_words(line["month"]),
            "about": wording.ADJUSTED[line["as"]],
            "ticket": line.get("ticket"),
            "response": line.get("response"),
            "number": line.get("number", ""),
            "before": _who(line["from"], names),
            "after": _who(line["to"], names),
            "place": wording.month_words(line["in"]) if line.get("in") else "",
        }
        for line in lines
        if lens.is_whole or any(end and end.get("employee") in own for end in (line["from"], line["to"]))
    ]


def _who(end: dict[str, Any] | None, names: dict[str, str]) -> str:
    """Somebody or a line in words; “not counted” where there is none."""
    if end is None:
        return _("not counted")
    if "line" in end:
        return str(wording.LINES[end["line"]])
    return f"{names.get(str(end['employee']), end['employee'])} · {wording.SERIES[end['series']]}"
