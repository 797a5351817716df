"""Builds a marked workbook anew from the values of a file that openpyxl cannot keep: .xls, .csv, .html, .ods, .xlsb."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

from crm_site.core.xlsx import clean, is_dangerous
from crm_site.imports.reading import reader
from crm_site.imports.reading.reader import NO_VALUE, SheetHead
from crm_site.imports.workbook.ink import Ink
from crm_site.imports.workbook.streaming import Line, Spec, write_sheet
from crm_site.imports.workbook.summary import finish

#: Whole numbers of so many digits are codes, which a spreadsheet would show as 1.38E+10.
CODE_DIGITS = 9
LOOK_INTO = 200
NARROWEST, WIDEST = 8, 40
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]")


def write(path: Path, ink: Ink, out: Path, *, unnamed: str) -> None:
    """Write a workbook with the sheets, rows and texts of a file, marked; `unnamed` is the title of a nameless sheet.

    Raises Unreadable as the reader does. The titles that sheets really got stand in the plan afterwards.
    """
    book = Workbook(write_only=True)
    by_name = {sheet["name"]: sheet for sheet in ink.plan["sheets"]}
    for _book, head, rows in reader.by_sheet(reader.read(path, take=list(by_name))):
        sheet = by_name.get(head.name)
        if (head.is_hidden and sheet is None) or head.name in ink.plan["own"]:
            continue
        worksheet = book.create_sheet(_title(book, head.name or unnamed))
        if sheet is not None:
            sheet["title"] = worksheet.title
        first = list(itertools.islice(rows, LOOK_INTO))
        _frame(worksheet, head, sheet, first)
        header = sheet["header"] if sheet else 0
        write_sheet(worksheet, _lines(itertools.chain(first, rows), header), sheet, ink)
    finish(book, ink)
    book.save(out)


def _title(book: Workbook, name: str) -> str:
    """A title that a sheet may have, and that no other has."""
    plain = _NOT_IN_TITLES.sub(" ", clean(name)).strip("' ")[:31] or "Sheet"
    number = 1
    title = plain
    while title.casefold() in {one.casefold() for one in book.sheetnames}:
        number += 1
        title = f"{plain[:27]} {number}"
    return title


def _frame(worksheet: Any, head: SheetHead, sheet: dict | None, first: list[tuple[int, list[Any]]]) -> None:
    """Widths by the first rows, the merged cells above the table, a frozen header."""
    widths: dict[int, int] = {}
    for _number, cells in first:
        for column, cell in enumerate(cells, start=1):
            widths[column] = max(widths.get(column, NARROWEST), min(WIDEST, _width(cell)))
    for column, width in widths.items():
        worksheet.column_dimensions[get_column_letter(column)].width = width
    for top, left, bottom, right in head.merged:
        worksheet.merged_cells.add(CellRange(min_row=top + 1, min_col=left + 1, max_row=bottom + 1, max_col=right + 1))
    if sheet is not None:
        worksheet.freeze_panes = f"A{sheet['header'] + 1}"


def _width(cell: Any) -> int:
    """Characters that a cell takes, Chinese ones twice."""
    return 2 + sum(2 if sign > "\u2e7f" else 1 for sign in str("" if cell is None else cell).split("\n")[0][:WIDEST])


def _lines(rows: Iterator[tuple[int, list[Any]]], header: int) -> Iterator[Line]:
    """The rows with their numbers, empty ones in between made up."""
    following = 1
    for number, cells in rows:
        for missing in range(following, number):
            yield missing, []
        following = number + 1
        yield number, [None if cell is None or cell == NO_VALUE else _spec(cell) for cell in cells]


def _spec(cell: Any) -> Spec:
    """A value typed as it was; text and long numbers as text."""
    if isinstance(cell, bool):
        return Spec(cell, "b")
    if isinstance(cell, datetime):
        return Spec(cell, number_format="yyyy-mm-dd hh:mm:ss")
    if isinstance(cell, date):
        return Spec(cell, number_format="yyyy-mm-dd")
    if isinstance(cell, int | float) and abs(cell) < 10**CODE_DIGITS:
        return Spec(cell, "n")
    plain = clean(str(cell))
    return Spec(plain, "s", number_format="@", is_quoted=is_dangerous(plain))
