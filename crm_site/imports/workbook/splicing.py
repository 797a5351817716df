"""Marks a large workbook by splicing its own markup: rows are copied as they are, and only what is marked is rewritten.

The frame (styles, widths, filters, comments, summary) goes through openpyxl without any row; the rows are streamed from
the old archive into the new one. Formulas keep their values, heights and hidden rows stay, and little memory is needed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.utils import column_index_from_string, get_column_letter

from crm_site.imports.reading.marks import parts
from crm_site.imports.workbook.ink import COLOURS, FILLS, MOST_COMMENTS, NO_FILL, WRAPPED, Ink, widen
from crm_site.imports.workbook.summary import finish

_BLOCK = 1 << 20
_SHEET = re.compile(r"worksheets/[^/]+\.xml$")
_NOT_NEEDED = re.compile(r"worksheets/_rels/|comments|vmlDrawing|drawings/|media/|tables/", re.IGNORECASE)
_NO_TEXTS = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
_TEXTS = "xl/sharedStrings.xml"
#: where a workbook says that it has shared texts: part → (entry, what it is put before)
_TEXTS_ENTRY = {
    "[Content_Types].xml": (
        b'<Override PartName="/xl/sharedStrings.xml" ContentType='
        b'"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>',
        b"</Types>",
    ),
    "xl/_rels/workbook.xml.rels": (
        b'<Relationship Id="rIdTexts" Type='
        b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" '
        b'Target="/xl/sharedStrings.xml"/>',
        b"</Relationships>",
    ),
}
_BEGIN = re.compile(rb"<sheetData\b[^>]*>")
_END = b"</sheetData>"
_POINTERS = re.compile(
    rb"<(?:legacyDrawing\w*|drawing|picture|tablePart)\b[^>]*/>|<hyperlinks\b.*?</hyperlinks>", re.DOTALL
)
_ROW = re.compile(rb"<row\b([^>]*?)(?:/>|>(.*?)</row>)", re.DOTALL)
_CELL = re.compile(rb"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_NUMBER = re.compile(rb'\br="(\d+)"')
_PLACE = re.compile(rb'\br="([A-Z]{1,3})\d+"')
_STYLE = re.compile(rb'\ss="(\d+)"')
#: hints that no longer hold, and attributes of namespaces that the new sheet does not declare
_DROPPED = re.compile(rb'\s(?:spans|\w+:\w+)="[^"]*"')
_METADATA = re.compile(rb'(<c\b[^>]*?)\s(?:cm|vm)="\d+"')
_NEW_DATA = re.compile(rb"<sheetData\s*/>|<sheetData>.*?</sheetData>", re.DOTALL)
_DIMENSION = re.compile(rb"<dimension\b[^>]*/>")


def splice(path: Path, ink: Ink, out: Path) -> None:
    """Write a marked copy of a workbook; raises ValueError or KeyError where its markup is not of the usual form."""
    hollow = ink.folder / "hollow.xlsx"
    _hollow(path, hollow)
    frame = load_workbook(hollow)
    for name in ink.plan["own"]:
        if name in frame.sheetnames:
            frame.remove(frame[name])
    by_name = {sheet["name"]: sheet for sheet in ink.plan["sheets"]}
    if not set(by_name) <= set(frame.sheetnames):
        raise KeyError("a sheet that openpyxl does not see, as in a strict workbook")
    members, rows = parts(path), {}
    with zipfile.ZipFile(path) as archive:
        for place, worksheet in enumerate(frame.worksheets):
            rows[worksheet] = ink.folder / f"rows-{place}.xml"
            with archive.open(members[worksheet.title]) as part, rows[worksheet].open("wb") as target:
                target.writelines(_Sheet(worksheet, by_name.get(worksheet.title), ink).rows(_row_data(part)))
    finish(frame, ink)
    frame.save(ink.folder / "frame.xlsx")
    _assemble(path, ink.folder / "frame.xlsx", {one.path.lstrip("/"): file for one, file in rows.items()}, out)


class _Sheet:
    """The rows of one sheet, rewritten where they are marked; `sheet` is its part of the plan, None if not imported."""

    def __init__(self, worksheet: Any, sheet: dict | None, ink: Ink) -> None:
        self.worksheet, self.sheet, self.ink = worksheet, sheet, ink
        self.book: Workbook = worksheet.parent
        self._styles: dict[tuple[str, int], int] = {}
        self.old = {
            number
            for number, style in enumerate(self.book._cell_styles)
            if self.book._fills[style.fillId].fgColor.rgb in COLOURS.values()
        }
        self.letter = get_column_letter(sheet["column"]) if sheet else ""
        if sheet:
            widen(worksheet, sheet)

    def rows(self, found: Iterator[tuple[int, bytes, bytes]]) -> Iterator[bytes]:
        """The markup of each row."""
        marks = self.ink.marks(self.sheet) if self.sheet else iter(())
        mark = next(marks, None)
        for number, attributes, cells in found:
            while mark is not None and mark["r"] < number:
                mark = next(marks, None)
            written = cells
            if self.sheet and number == self.sheet["header"]:
                written = self._titled(number, cells)
            elif mark is not None and mark["r"] == number:
                written = self._marked(cells, mark)
            yield b"<row%b>%b</row>" % (attributes, written)

    def _titled(self, number: int, cells: bytes) -> bytes:
        """The header with the title of the results, which looks like its neighbour."""
        known = _cells(cells)
        base = max((column for column in known if column != self.sheet["column"]), default=0)  # type: ignore[index]
        style = _style_of(known[base]) if base else 0
        known[self.sheet["column"]] = self._text(number, self.ink.plan["result_title"], style)  # type: ignore[index]
        return b"".join(known[column] for column in sorted(known))

    def _marked(self, cells: bytes, mark: dict) -> bytes:
        """A row with its coloured cells and its result."""
        assert self.sheet is not None
        number, column = mark["r"], self.sheet["column"]
        result = self._text(number, mark["t"], self._style("result" + mark["k"], 0))
        self.ink.count()
        if not mark["c"] and not self.old and b'r="%b%d"' % (self.letter.encode(), number) not in cells:
            return cells + result
        known = {place: self._plain(cell) for place, cell in _cells(cells).items()}
        for place, kind, text in mark["c"]:
            name = b"%b%d" % (get_column_letter(place).encode(), number)
            cell = known.get(place, b'<c r="%b"/>' % name)
            known[place] = _restyled(cell, self._style(kind, _style_of(cell)))
            if self.ink.comments < MOST_COMMENTS:
                self.ink.cell(self.worksheet.cell(number, place), kind, text)
        known[column] = result
        return b"".join(known[place] for place in sorted(known))

    def _plain(self, cell: bytes) -> bytes:
        """A cell without the colour of an earlier error workbook."""
        style = _style_of(cell)
        return _restyled(cell, self._style("", style)) if style in self.old else cell

    def _style(self, look: str, base: int) -> int:
        """The number of a style like another, but coloured (bad, warn, ''), or for a result."""
        key = (look, base)
        if key not in self._styles:
            cell = Cell(self.worksheet, row=1, column=1)
            cell._style = copy(self.book._cell_styles[base])
            cell.fill = FILLS.get(look.removeprefix("result"), NO_FILL)
            if look.startswith("result"):
                cell.alignment = WRAPPED
            self._styles[key] = cell.style_id
        return self._styles[key]

    def _text(self, number: int, text: str, style: int) -> bytes:
        """A cell of typed text in the column of results."""
        written = escape(text).encode()
        opening = f'<c r="{self.letter}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
        return opening.encode() + written + b"</t></is></c>"


def _cells(cells: bytes) -> dict[int, bytes]:
    """The cells of a row by their columns."""
    known = {}
    for found in _CELL.finditer(cells):
        place = _PLACE.search(found[1])
        if place is None:
            raise ValueError("a cell without a place")
        known[column_index_from_string(place[1].decode())] = found[0]
    return known


def _style_of(cell: bytes) -> int:
    found = _STYLE.search(cell, 0, cell.index(b">"))
    return int(found[1]) if found else 0


def _restyled(cell: bytes, style: int) -> bytes:
    """The cell with another style."""
    end = cell.index(b">")
    head = _STYLE.sub(b"", cell[:end])
    return b'<c s="%d"%b' % (style, head[2:] + cell[end:])


def _row_data(part: Any) -> Iterator[tuple[int, bytes, bytes]]:
    """Number, attributes and cells of each row of a sheet's part."""
    head = b""
    while (begin := _BEGIN.search(head)) is None:
        block = part.read(_BLOCK)
        if not block or b'encoding="UTF-16' in block:
            raise ValueError("no plain sheetData")
        head += block
    if begin[0].endswith(b"/>"):
        return
    rest, number, is_last = head[begin.end() :], 0, False
    while not is_last:
        cut = rest.find(_END)
        is_last = cut >= 0
        cut = cut if is_last else rest.rfind(b"</row>") + len(b"</row>")
        for found in _ROW.finditer(rest, 0, cut if cut > len(b"</row>") or is_last else 0):
            place = _NUMBER.search(found[1])
            number = int(place[1]) if place else number + 1
            yield number, _DROPPED.sub(b"", found[1]), _METADATA.sub(rb"\1", found[2] or b"")
        if not is_last:
            block = part.read(_BLOCK)
            if not block:
                raise ValueError("sheetData does not end")
            rest = (rest[cut:] if cut > len(b"</row>") else rest) + block


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
    """A worksheet's XML without rows, and without what points to other parts; ValueError where it has no sheetData."""
    head = b""
    while (begin := _BEGIN.search(head)) is None:
        block = part.read(_BLOCK)
        if not block:
            raise ValueError("no sheetData")
        head += block
    if begin[0].endswith(b"/>"):
        return _POINTERS.sub(b"", head + part.read())
    tail = head[begin.end() :]
    while (end := tail.find(_END)) < 0:
        block = part.read(_BLOCK)
        if not block:
            raise ValueError("sheetData does not end")
        tail = tail[-len(_END) :] + block
    return _POINTERS.sub(b"", head[: begin.end()] + tail[end:] + part.read())


def _assemble(path: Path, frame: Path, rows: dict[str, Path], out: Path) -> None:
    """The frame with the rows in their places, and the texts of the old workbook that they name by number."""
    zipped = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(frame) as made, zipfile.ZipFile(out, "w", zipped) as new:
        texts = next((name for name in old.namelist() if name.lower().endswith("sharedstrings.xml")), None)
        for name in made.namelist():
            if name in rows:
                with new.open(name, "w", force_zip64=True) as target:
                    _fill(made.read(name), rows[name], target)
            elif name != _TEXTS:
                new.writestr(name, _with_texts(name, made.read(name)) if texts else made.read(name))
        if texts:
            with old.open(texts) as source, new.open(_TEXTS, "w", force_zip64=True) as target:
                _pour(source, target)


def _with_texts(name: str, xml: bytes) -> bytes:
    """The lists of parts and relations with the part of shared texts, which the frame has no need of."""
    if name not in _TEXTS_ENTRY or b"sharedStrings" in xml:
        return xml
    entry, end = _TEXTS_ENTRY[name]
    return xml.replace(end, entry + end)


def _fill(xml: bytes, rows: Path, target: Any) -> None:
    place = _NEW_DATA.search(xml)
    if place is None:
        raise ValueError("the frame has no sheetData")
    target.write(_DIMENSION.sub(b"", xml[: place.start()]) + b"<sheetData>")
    with rows.open("rb") as source:
        _pour(source, target)
    target.write(b"</sheetData>" + xml[place.end() :])


def _pour(source: Any, target: Any) -> None:
    while block := source.read(_BLOCK):
        target.write(block)
