"""Writes a workbook row by row with the marks of each row, so that a large one needs little memory."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell

from crm_site.imports.workbook.ink import COLOURS, Ink, put_text, widen

_SHEET = re.compile(r"worksheets/[^/]+\.xml$")
_NOT_NEEDED = re.compile(r"worksheets/_rels/|comments|vmlDrawing|drawings/|media/|tables/", re.IGNORECASE)
_NO_TEXTS = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
_BEGIN = re.compile(rb"<(?:\w+:)?sheetData\b[^>]*>")
_END = re.compile(rb"</(?:\w+:)?sheetData\s*>")
_POINTERS = re.compile(
    rb"<(?:\w+:)?(?:legacyDrawing\w*|drawing|picture|tablePart)\b[^>]*/>|<(?:\w+:)?hyperlinks\b.*?</(?:\w+:)?hyperlinks>",
    re.DOTALL,
)
_BLOCK = 1 << 20


class Spec(NamedTuple):
    """A cell to be written: value, openpyxl's data type ('' = by the value), and how it looks."""

    value: Any
    data_type: str = ""
    style: Any = None
    number_format: str = ""
    is_quoted: bool = False


Line = tuple[int, Sequence[Spec | None]]


def copy_marked(path: Path, ink: Ink) -> Workbook:
    """A copy of a large workbook with its styles, marked; the frame around the rows comes from a copy without rows."""
    hollow = ink.folder / "hollow.xlsx"
    _hollow(path, hollow)
    frame = load_workbook(hollow)
    source = load_workbook(path, read_only=True)
    book = Workbook(write_only=True)
    _share_styles(frame, book)
    by_name = {sheet["name"]: sheet for sheet in ink.plan["sheets"]}
    for old in source.worksheets:
        if old.title not in ink.plan["own"]:
            worksheet = book.create_sheet(old.title)
            _copy_frame(frame[old.title], worksheet)
            old.reset_dimensions()
            write_sheet(worksheet, _old_lines(old, frame), by_name.get(old.title), ink)
    return book


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


# ---- reading the original -------------------------------------------------------------------------------------------


def _hollow(path: Path, out: Path) -> None:
    """A copy of a workbook without any row or shared text, small enough to be opened as a whole."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name.lower().endswith("sharedstrings.xml"):
                new.writestr(name, _NO_TEXTS)
            elif _SHEET.search(name):
                with old.open(name) as part:
                    new.writestr(name, _without_rows(part))
            elif not _NOT_NEEDED.search(name):
                new.writestr(name, old.read(name))


def _without_rows(part: Any) -> bytes:
    """A worksheet's XML with an empty sheetData and without drawings; raises ValueError where it has no sheetData."""
    head = b""
    while (begin := _BEGIN.search(head)) is None:
        block = part.read(_BLOCK)
        if not block:
            raise ValueError("no sheetData")
        head += block
    if begin[0].endswith(b"/>"):
        return _without_drawings(head + part.read())
    tail = head[begin.end() :]
    while (end := _END.search(tail)) is None:
        block = part.read(_BLOCK)
        if not block:
            raise ValueError("sheetData does not end")
        tail = tail[-40:] + block
    return _without_drawings(head[: begin.end()] + tail[end.start() :] + part.read())


def _without_drawings(xml: bytes) -> bytes:
    """Nothing that points to another part of the archive."""
    return _POINTERS.sub(b"", xml)


def _share_styles(frame: Workbook, book: Workbook) -> None:
    """One set of styles for both workbooks, so that a style's number means the same."""
    for name in ("_fonts", "_fills", "_borders", "_alignments", "_protections", "_number_formats", "_cell_styles",
                 "_named_styles", "_differential_styles", "loaded_theme", "epoch", "defined_names"):  # fmt: skip
        setattr(book, name, getattr(frame, name))


def _copy_frame(old: Any, new: Any) -> None:
    """Widths, frozen panes, merged cells, filters, formats by rule, choices and print settings of a sheet."""
    for name in ("column_dimensions", "sheet_format", "sheet_properties", "views", "merged_cells", "auto_filter",
                 "conditional_formatting", "data_validations", "page_setup", "page_margins", "print_options",
                 "protection", "HeaderFooter", "sheet_state", "defined_names"):  # fmt: skip
        setattr(new, name, getattr(old, name))
    new.column_dimensions.worksheet = new


def _old_lines(old: Any, frame: Workbook) -> Iterator[Line]:
    """The rows of a sheet with their styles as they were; an earlier mark's colour is taken off."""
    marked = {
        number
        for number, style in enumerate(frame._cell_styles)
        if frame._fills[style.fillId].fgColor.rgb in COLOURS.values()
    }
    for number, row in enumerate(old.iter_rows(), start=1):
        yield number, [_old_cell(cell, frame, marked) for cell in row]


def _old_cell(cell: Any, frame: Workbook, marked: set[int]) -> Spec | None:
    style_id = getattr(cell, "_style_id", 0)
    if cell.value is None and not style_id:
        return None
    style = frame._cell_styles[style_id] if style_id else None
    if style_id in marked:
        style = copy(style)
        style.fillId = 0
    return Spec(cell.value, cell.data_type, style)
