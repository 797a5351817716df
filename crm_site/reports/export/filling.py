"""Writes a month's rows into a manufacturer's sheet: its head and format stay, text never becomes a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from copy import copy
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from crm_site.core import xlsx
from crm_site.core.figures import Scope
from crm_site.reports.export.subjects import NUMBER, ROWS, fields_of
from crm_site.reports.models import ExportLayout


def rows_of(layout: ExportLayout, scope: Scope) -> list[list[Any]]:
    """The month's rows in the order of the layout's columns; None where a column stays empty."""
    fields = fields_of(layout.subject)
    wanted = [fields.get(column["field"]) for column in layout.columns]
    found = []
    for number, row in enumerate(ROWS[layout.subject](scope), start=1):
        values = [None if field is None else number if field.code == NUMBER else field.value(row) for field in wanted]
        found.append(values)
    return found


def fill(path: Path, layout: ExportLayout, rows: Sequence[Sequence[Any]]) -> bytes:
    """The sheet with the rows from its first line on; what stands below them moves down."""
    from openpyxl import load_workbook  # 0.3 s to import

    book = load_workbook(io.BytesIO(path.read_bytes()))  # its name has no ending
    sheet = book[layout.sheet] if layout.sheet in book.sheetnames else book.worksheets[0]
    places = [column["column"] for column in layout.columns]
    if len(rows) > 1:
        _make_room(sheet, layout.first_row, len(rows) - 1)
    styles = [copy(sheet.cell(layout.first_row, place)._style) for place in places]
    height = sheet.row_dimensions[layout.first_row].height
    for offset, values in enumerate(rows):
        number = layout.first_row + offset
        sheet.row_dimensions[number].height = height
        for place, style, value in zip(places, styles, values, strict=True):
            _put(sheet, number, place, style, value)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _make_room(sheet: Any, first_row: int, count: int) -> None:
    """Move what stands below the first line down, with its merged ranges; an empty sheet is left as it is."""
    below = [cell for line in sheet.iter_rows(min_row=first_row + 1) for cell in line if cell.value is not None]
    ranges = [found for found in sheet.merged_cells.ranges if found.min_row > first_row]
    if not below and not ranges:
        return
    for found in ranges:
        sheet.merged_cells.remove(found)
    sheet.insert_rows(first_row + 1, count)
    for found in ranges:
        found.shift(row_shift=count)
        sheet.merge_cells(found.coord)


def _put(sheet: Any, row: int, column: int, style: Any, value: Any) -> None:
    """One typed value in the sheet's own format; a cell inside a merged range is left alone."""
    cell = sheet.cell(row, column)
    if type(cell).__name__ == "MergedCell":
        return
    cell._style = copy(style)
    if value is None or value == "":
        cell.value = None
    elif isinstance(value, bool | int | float | Decimal):
        cell.value = value
    elif isinstance(value, date):
        cell.value = value
        if cell.number_format == "General":
            cell.number_format = "yyyy-mm-dd"
    else:
        text = xlsx.clean(str(value))
        cell.value = text
        cell.data_type = "s"  # openpyxl takes '=…' for a formula and '#N/A' for an error
        cell.quotePrefix = xlsx.is_dangerous(text)
