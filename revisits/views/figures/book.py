"""The indicators of a month as a workbook, from the same lines as the page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from crm_site.core.xlsx import Column, Sheet, workbook_bytes
from revisits.judged import Line
from revisits.lens import Lens
from revisits.views.figures import board


def render(lens: Lens) -> bytes:
    """Three sheets: indicators, coverage, callers; every formula beside its figure."""
    stores = ", ".join(store.short_name for store in lens.stores)
    scope = lens.scope
    title = _("Indicators %(first)s – %(last)s") % {"first": f"{scope.start}", "last": f"{scope.last}"}
    notes = [title, stores]
    sheets = [_indicators(lens, notes), _coverage(lens, notes), _callers(lens, notes)]
    return workbook_bytes(sheets, created=lens.now, title=title)


def _indicators(lens: Lens, notes: list[str]) -> Sheet:
    columns = [
        Column(_("Indicator"), width=22), Column(_("Value"), "percent", 10), Column(_("Above the line"), "int"),
        Column("n", "int"), Column(_("Turnover"), "money"), Column(_("Target")), Column(_("Verdict")),
        Column(_("Formula"), width=80),
    ]  # fmt: skip
    rows = [_values(row["line"]) for group in board.groups(lens) for row in group["rows"]]
    return Sheet(_("Indicators"), columns, rows, notes=notes)


def _values(line: Line) -> list[Any]:
    rate = line.rate
    number, money = line.value if isinstance(line.value, tuple) else (line.value, None)
    return [
        str(line.indicator.label),
        rate.value if rate is not None else None,
        rate.hits if rate is not None else None,
        rate.n if rate is not None else number,
        money,
        line.target_text,
        line.verdict_word,
        str(line.indicator.formula),
    ]


def _coverage(lens: Lens, notes: list[str]) -> Sheet:
    columns = [Column(_("Coverage"), width=24), Column(_("Part"), width=24), Column(_("Of it"), width=24),
               Column(_("Count"), "int")]  # fmt: skip
    rows: list[list[Any]] = []
    for one in board.coverages(lens):
        rows.append([one["title"], str(one["total"]["word"]), "", one["total"]["count"]])
        for part in one["rows"]:
            rows.append([one["title"], str(part["word"]), "", part["count"]])
            rows += [[one["title"], str(part["word"]), found["word"], found["count"]] for found in part["details"]]
    return Sheet(_("Coverage"), columns, rows, notes=notes)


def _callers(lens: Lens, notes: list[str]) -> Sheet:
    columns = [Column(_("Caller"), width=16), Column(_("Dialled"), "int"), Column(_("Reached"), "int"),
               Column(_("Completed"), "int"), Column(_("Handed on"), "int"), Column(_("Minutes"), "int"),
               Column(_("Inspection score"), "decimal"), Column(_("Inspected"), "int")]  # fmt: skip
    rows = [
        [row["caller"].name, *(cell["number"] for cell in row["cells"]), row["minutes"], row["score"], row["inspected"]]
        for row in board.callers(lens)
    ]
    return Sheet(_("Callers"), columns, rows, notes=notes)
