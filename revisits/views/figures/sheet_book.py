"""The two sheets of repair revisits as workbooks, from the same lines as the pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from crm_site.core import masking
from crm_site.core.xlsx import Column, Sheet, workbook_bytes
from revisits.lens import Lens
from revisits.queries.analysis import GroupLine, ItemLine
from revisits.queries.sheet import SheetLine
from revisits.views.figures import sheet_lines


def render(lens: Lens, lines: list[SheetLine], *, watermark: str) -> bytes:
    """维修客户回访统计表: one line a call, numbers masked."""
    title = _("Sheet of repair revisits %(month)s") % {"month": lens.month}
    chosen = sheet_lines.columns()
    columns = [Column(_("No."), "int", 6), *(Column(one.title, one.kind, one.width) for one in chosen)]
    rows: list[list[Any]] = []
    for number, line in enumerate(lines, start=1):
        cells = sheet_lines.cells(line)
        rows.append([number, *(cells[one.code] for one in chosen)])
    notes = [title, ", ".join(store.name for store in lens.stores)]
    sheet = Sheet(title, columns, rows, notes=notes, for_paper=True, watermark=watermark)
    return workbook_bytes([sheet], created=lens.now, title=title, description=watermark)


def render_analysis(found: dict[str, Any]) -> bytes:
    """维修客户统计分析表: a sheet for advisors, technicians, items and measures."""
    lens: Lens = found["lens"]
    title = _("Analysis of repair revisits %(month)s") % {"month": lens.month}
    notes = [title, ", ".join(store.name for store in lens.stores)]
    sheets = [
        *(Sheet(table["title"], _group_columns(), [_group(line) for line in table["rows"]], notes=notes)
          for table in found["tables"]),
        Sheet(_("By item"), _item_columns(), [_item(line) for line in found["items"]], notes=notes),
        Sheet(_("Measures"), _measure_columns(), [_measure(one) for one in found["measures"]], notes=notes),
    ]  # fmt: skip
    return workbook_bytes(sheets, created=lens.now, title=title)


def _group_columns() -> list[Column]:
    return [
        Column(_("Name")), Column(_("Calls made"), "int"), Column(_("Completed"), "int"),
        Column(_("Satisfied"), "percent"), Column(_("Very satisfied"), "percent"), Column("n", "int"),
        Column(_("Would come again"), "decimal"), Column(_("Net promoter score"), "decimal"),
        Column(_("Usable numbers"), "int"), Column(_("Bad numbers"), "int"), Column(_("Archive completed"), "int"),
        Column(_("Five most frequent low items"), width=50), Column(_("Strength"), width=18),
        Column(_("Weakness"), width=18),
    ]  # fmt: skip


def _group(line: GroupLine) -> list[Any]:
    return [
        line.employee.name if line.employee else _("not known"),
        line.calls,
        line.done,
        line.satisfied_rate.shown,
        line.very_satisfied_rate.shown,
        line.overall,
        line.again,
        line.nps.shown,
        line.good_numbers,
        line.bad_numbers,
        line.filled,
        ", ".join(f"{one.label} {one.low}" for one in line.worst_five),
        line.strength.label if line.strength else "",
        line.weakness.label if line.weakness else "",
    ]


def _item_columns() -> list[Column]:
    return [Column(_("Item"), width=24), Column(_("Mean"), "decimal"), Column("n", "int"), Column(_("Low"), "int")]


def _item(line: ItemLine) -> list[Any]:
    return [line.label, line.mean if line.is_enough else None, line.n, line.low]


def _measure_columns() -> list[Column]:
    return [Column(_("Cause"), width=40), Column(_("Measure"), width=40), Column(_("Responsible")),
            Column(_("To be done by"), "date"), Column(_("State"))]  # fmt: skip


def _measure(one: Any) -> list[Any]:
    return [
        masking.said(one.cause),
        masking.said(one.measure),
        one.responsible.name,
        one.due_on,
        str(one.get_state_display()),
    ]
