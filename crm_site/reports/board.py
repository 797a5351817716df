"""Turns a report into what its page draws: groups of rows with texts and links, the sum, the chart's groups."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.core import formats
from crm_site.core.charts import Group
from crm_site.reports import rules, wording
from crm_site.reports.lens import Lens, Row
from satisfaction import rules as scores

Cell = dict[str, Any]


def groups(lens: Lens) -> list[dict[str, Any]]:
    """The table: one group for each series that has people, its rows and its sum."""
    found = []
    for series in rules.SERIES:
        rows = lens.of_series(series)
        if rows:
            total = _total(lens, series, rows)
            found.append({"label": wording.SERIES[series], "rows": [_row(lens, row) for row in rows], "total": total})
    return found


def _row(lens: Lens, row: Row) -> dict[str, Any]:
    """One employee: texts, and links to the rows behind each number."""
    who = {"employee": row["employee"]}
    return {
        "name": row["name"],
        "number": row["number"],
        "post": wording.post_word(row["post"]),
        "left": row["left"],
        "visits": _cell(row["visits"], list_url(lens, "visits", **who)),
        "score": score(row),
        "n": _cell(len(row["responses"]), list_url(lens, "answers", column="responses", **who)),
        "very_satisfied": share(row),
        "low": _cell(len(row["low"]), list_url(lens, "answers", column="low", **who)),
        **{name: _cell(len(row[name]), list_url(lens, "tickets", column=name, **who)) for name in wording.TICKETS},
        "per_hundred": formats.number(row["per_hundred"], 2),
        "took": took([row]),
        "change": change(row),
    }


def _total(lens: Lens, series: str, rows: list[Row]) -> dict[str, Any]:
    """The sum below a group; a visit that several of them served counts once."""
    direct = sum(len(row["direct"]) for row in rows)
    visits = lens.snapshot["visits"][series] if _is_whole(lens, series) else None
    rate = rules.per_hundred(direct, visits) if series != rules.SALES and visits is not None else None
    return {
        "visits": visits,
        "n": sum(len(row["responses"]) for row in rows),
        "low": sum(len(row["low"]) for row in rows),
        **{name: sum(len(row[name]) for row in rows) for name in wording.TICKETS},
        "per_hundred": formats.number(rate, 2),
        "took": took(rows),
        "change": formats.signed(direct - sum(row["before"] for row in rows)),
    }


def _is_whole(lens: Lens, series: str) -> bool:
    """Whether everybody of a series may be seen, so that its visits may be added up."""
    return len(lens.of_series(series)) == sum(row["series"] == series for row in lens.snapshot["rows"])


def _cell(number: int, url: str) -> Cell:
    """A number that opens its list; a zero has none."""
    return {"number": number, "url": url if number else ""}


def list_url(lens: Lens, name: str, **query: Any) -> str:
    """The list behind a number of this report; codes and ids only."""
    text = urlencode({key: value for key, value in query.items() if value not in (None, "")})
    url = reverse(f"reports:{name}", args=[lens.report.pk])
    return f"{url}?{text}" if text else url


def score(row: Row) -> dict[str, Any]:
    """The mean score: what is shown, its interval, its band, whether the sample is small."""
    low, high = row["interval"]
    mean = scores.Mean(len(row["responses"]), _decimal(row["score"]), _decimal(low), _decimal(high))
    interval = f"{formats.score(mean.low)}–{formats.score(mean.high)}" if mean.shown is not None else ""
    return {"value": mean.shown, "interval": interval, "is_few": mean.is_few, "band": mean.band}


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def share(row: Row) -> str:
    """非常满意率: of those asked for the overall; – where too few were."""
    return formats.percent(scores.rate_of(row["very_satisfied"], row["overall"]).shown)


def took(rows: list[Row]) -> str:
    """The mean handling time of the complaints that are closed; – where none is."""
    closed = sum(row["closed"] for row in rows)
    return wording.hours(sum(row["minutes"] for row in rows) // closed) if closed else formats.EMPTY


def change(row: Row) -> str:
    """Against the month before; “new” for who was hired in the month."""
    return _("new") if row["new"] else formats.signed(len(row["direct"]) - row["before"])


# ---- the sum, the categories ----------------------------------------------------------------------------------------


def sum_line(lens: Lens) -> dict[str, Any]:
    """Σ employees + lines = store, each part with its list; for a head only the own employees."""
    found = rules.sum_of(lens.snapshot)
    parts = [
        {"label": wording.LINES[line], **_cell(count, list_url(lens, "tickets", line=line))}
        for line, count in found.lines.items()
    ]
    return {
        "is_even": found.is_even,
        "employees": {"number": found.employees, "url": list_url(lens, "tickets", column="direct")},
        "lines": parts,
        "total": {"number": found.total, "url": list_url(lens, "tickets")},
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


def categories(lens: Lens) -> dict[str, Any]:
    """Complaints by top-level category: a column for each that occurs, a row for each employee who has any."""
    words = wording.category_words(lens.report.store_id)
    rows = [row for row in lens.rows if row["direct"]]
    codes = {code for row in rows for code in row["categories"]}
    if lens.is_whole:
        codes |= lens.snapshot["categories"].keys()
    used = [code for code in words if code in codes] + sorted(codes - words.keys())
    return {
        "columns": [_("Employee"), *(words.get(code, code) for code in used)],
        "rows": [{"label": row["name"], "cells": _category_cells(lens, row, used)} for row in rows],
        "total": {"label": _("Store"), "cells": [_count_text(lens.snapshot["categories"], code) for code in used]}
        if lens.is_whole
        else None,
    }


def _category_cells(lens: Lens, row: Row, used: list[str]) -> list[Cell]:
    who = {"employee": row["employee"], "column": "direct"}
    return [
        {
            **_count_text(row["categories"], code),
            "url": list_url(lens, "tickets", **who, category=code or "none") if row["categories"].get(code) else "",
        }
        for code in used
    ]


def _count_text(found: dict[str, list[int]], code: str) -> Cell:
    return {"text": formats.number(len(found.get(code, [])))}


# ---- the chart ------------------------------------------------------------------------------------------------------


def chart_groups(lens: Lens) -> list[Group]:
    """Employees across, 投诉次数 up, by series; zeros too."""
    found = []
    tones = {rules.ADVISOR: "accent", rules.TECHNICIAN: "ok", rules.SALES: "mute", rules.OTHER: "pause"}
    for series in rules.SERIES:
        rows = lens.of_series(series)
        count = sum(len(row["direct"]) for row in rows)
        label = _("%(series)s: %(count)d") % {"series": wording.SERIES[series], "count": count}
        found.append(Group(label, [(row["name"], len(row["direct"])) for row in rows], tones[series]))
    return found


def chart_words(lens: Lens) -> str:
    """What the picture says, for who does not see it."""
    return "; ".join(group.label for group in chart_groups(lens) if group.bars)
