"""Reads snapshots of every format in the shape of the newest one, so that frozen months stay readable."""

from __future__ import annotations

from typing import Any

from crm_site.reports import rules

#: the lists of a line that the first format did not have
_LISTS = (
    "repeats", "solved", "closing_due", "closing_met", "response_due", "response_met", "confirmed", "content",
    "finished", "held",
)  # fmt: skip
_NOTHING: dict[str, Any] = {
    "rules": {},
    "questionnaires": [],
    "period": [],
    "money": {},
    "adjustments": [],
    "absorbed": [],
    "people": {},
}


def upgraded(snapshot: rules.Snapshot) -> rules.Snapshot:
    """A snapshot as format 2 has it; the frozen document itself, whose hash is checked, stays as it is.

    The first format said neither promises nor matters: those lists are empty, and its mean handling time is that of
    the complaints received in the month.
    """
    if snapshot.get("format", 1) >= rules.FORMAT:
        return snapshot
    rows = [_row(row) for row in snapshot["rows"]]
    return {
        **_NOTHING,
        **snapshot,
        "rows": rows,
        "company": snapshot["total"],
        "handled": {name: [] for name in (*_LISTS, "closed")} | {"minutes": 0, "took_of": 0},
        "scores": {series: _scores(rows, series) for series in rules.SERIES},
    }


def took_of(row: dict[str, Any]) -> int:
    """Of how many closed complaints `minutes` is the sum."""
    return row.get("took_of", len(row["finished"]))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """A line of the first format: `closed` was a number."""
    return {**row, **{name: [] for name in _LISTS}, "closed": [], "took_of": row["closed"]}


def _scores(rows: list[dict[str, Any]], series: str) -> dict[str, Any]:
    own = [row for row in rows if row["series"] == series]
    return {
        "responses": sorted({pk for row in own for pk in row["responses"]}),
        "low": sorted({pk for row in own for pk in row["low"]}),
        "score": None,
        "interval": [None, None],
    }
