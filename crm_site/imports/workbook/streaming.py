"""Writes sheets row by row with the marks of each row, so that a rebuilt workbook needs little memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any, NamedTuple

from openpyxl.cell import WriteOnlyCell

from crm_site.imports.workbook.ink import Ink, put_text, widen


class Spec(NamedTuple):
    """A cell to be written: value, openpyxl's data type ('' = by the value), and how it looks."""

    value: Any
    data_type: str = ""
    style: Any = None
    number_format: str = ""
    is_quoted: bool = False


Line = tuple[int, Sequence[Spec | None]]


def write_sheet(worksheet: Any, lines: Iterable[Line], sheet: dict | None, ink: Ink) -> None:
    """Write a sheet's rows, which ascend, with their marks; `sheet` is its part of the plan, None if not imported."""
    if sheet:
        widen(worksheet, sheet)
    marks = ink.marks(sheet) if sheet else iter(())
    mark = next(marks, None)
    for number, specs in lines:
        cells = [_cell(worksheet, spec) for spec in specs]
        while mark is not None and mark["r"] < number:
            mark = next(marks, None)
        if sheet and number == sheet["header"]:
            style = next((cell._style for cell in reversed(cells) if cell is not None and cell.has_style), None)
            put_text(_at(worksheet, cells, sheet["column"], style), ink.plan["result_title"])
        elif sheet and mark is not None and mark["r"] == number:
            for column, kind, text in mark["c"]:
                ink.cell(_at(worksheet, cells, column), kind, text)
            ink.result(_at(worksheet, cells, sheet["column"]), mark)
        worksheet.append(cells)


def _cell(worksheet: Any, spec: Spec | None) -> Any:
    if spec is None:
        return None
    cell = WriteOnlyCell(worksheet, value=None)
    if spec.style is not None:
        cell._style = copy(spec.style)
    if spec.number_format:
        cell.number_format = spec.number_format
    if spec.is_quoted:
        cell.quotePrefix = True
    if spec.data_type:
        cell._value, cell.data_type = spec.value, spec.data_type
    else:
        cell.value = spec.value
    return cell


def _at(worksheet: Any, cells: list, column: int, style: Any = None) -> Any:
    """The cell of a column (from 1), made where the row is too short or empty there."""
    cells += [None] * (column - len(cells))
    if cells[column - 1] is None:
        cells[column - 1] = WriteOnlyCell(worksheet, value=None)
        if style is not None:
            cells[column - 1]._style = copy(style)
    return cells[column - 1]
