"""What an xlsx sheet says beside its values: hidden rows and columns, filters, error cells, formulas without a value.

The reader of values leaves all of that out. Loaded by the child as a plain script's neighbour: standard library only.
The markup is searched, never parsed: no entity is ever expanded.
"""

import html
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

#: What stands for a formula whose result the file does not hold.
NO_VALUE = "#FORMULA!"

_PART = 1 << 20
#: A single piece of markup is never longer than this; hostile files only.
_LONGEST = 8 << 20
_MOST_COLUMNS = 16_384
_MOST_DAMAGED = 200_000
_HEADER_ROWS, _MOST_MERGED = 40, 2_000

_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_FORMAT = re.compile(rb"<(?:\w+:)?sheetFormatPr\b([^>]*)>")
_FORMULA = rb"<f\b[^>]*(?:/>|>[^<]*</f>)"
_ERROR = re.compile(rb"<c\b([^>]*\bt=\"e\"[^>]*)>(?:" + _FORMULA + rb")?<v>([^<]{1,40})</v>")
_UNVALUED = re.compile(rb"<c\b([^>]*)>" + _FORMULA + rb"(?:<v\s*/>|<v></v>)?</c>")
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_ZERO_HEIGHT = re.compile(rb"""\bzeroHeight=["'](?:1|true)["']""")
_MERGED = re.compile(rb"<mergeCell\b[^>]*\bref=\"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\"")
_PLACE = re.compile(rb"""\br=["']([A-Z]{0,3})(\d{1,7})["']""")


@dataclass
class Marks:
    """The marks of one sheet; rows count from 1 as people count, columns from 0."""

    hidden_rows: list[tuple[int, int]] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    is_filtered: bool = False
    #: row → column → what stands there in place of a value: "#REF!", NO_VALUE
    damaged: dict[int, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    #: whether any cell of the sheet holds something
    has_values: bool = False
    #: number of the last row that holds something, 0 where rows do not say theirs
    last_row: int = 0
    #: merged ranges that begin in the first rows: first row, first column, last row, last column, from 0
    merged: list[list[int]] = field(default_factory=list)

    def hide_row(self, number: int) -> None:
        """Note a hidden row; neighbours become one range."""
        if self.hidden_rows and self.hidden_rows[-1][1] == number - 1:
            self.hidden_rows[-1] = (self.hidden_rows[-1][0], number)
        else:
            self.hidden_rows.append((number, number))


def parts(path: Path) -> dict[str, str]:
    """The part of the archive in which each sheet stands: name → member; {} where that cannot be told."""
    try:
        with zipfile.ZipFile(path) as archive:
            book = _start_of(archive, "xl/workbook.xml")
            relations = _start_of(archive, "xl/_rels/workbook.xml.rels")
            members = {name.replace("\\", "/").lstrip("/").lower(): name for name in archive.namelist()}
    except (KeyError, zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return {}
    targets = {_value(tag, rb"Id"): _value(tag, rb"Target") for tag in _RELATION.findall(relations)}
    found = {}
    for tag in _SHEET.findall(book):
        target = targets.get(_value(tag, rb"\w+:id"), "").lstrip("/")
        member = members.get(target.lower()) or members.get(f"xl/{target}".lower())
        if member:
            found[_value(tag, rb"name")] = member
    return found


def scan(path: Path, member: str) -> Marks:
    """The marks of one sheet; what cannot be unpacked has none."""
    marks = Marks()
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            seen, piece = _Rows(marks), b""
            for number, piece in enumerate(_pieces(stream)):
                if number == 0:
                    _note_format(marks, piece, seen)
                _note(marks, piece, seen)
                marks.last_row = _last_row(piece) or marks.last_row
            _note_end(marks, piece)
    except (KeyError, zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return Marks()
    return marks


class _Rows:
    """Where the search is: rows without a number of their own follow the one before."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self.last = 0
        self.hides_by_default = False
        self.counts = False

    def look(self, piece: bytes) -> None:
        """Find the hidden rows of a piece; pieces without any are passed over unless rows must be counted."""
        if not (self.counts or self.hides_by_default) and b"hidden=" not in piece:
            return
        for found in _ROW.finditer(piece):
            attributes = found[1]
            place = _PLACE.search(attributes)
            self.last = int(place[2]) if place else self.last + 1
            if _HIDDEN.search(attributes) or (self.hides_by_default and b"ht=" not in attributes):
                self.marks.hide_row(self.last)


def _note_format(marks: Marks, piece: bytes, seen: _Rows) -> None:
    """What stands before the rows: hidden columns, whether rows are hidden unless said otherwise."""
    head = piece.partition(b"sheetData")[0]
    shape = _FORMAT.search(head)
    seen.hides_by_default = bool(shape and _ZERO_HEIGHT.search(shape[1]))
    first = _ROW.search(piece)
    seen.counts = bool(first and not _PLACE.search(first[1]))
    for column in _COLUMN.findall(head):
        if _HIDDEN.search(column):
            low, high = int(_value(column, rb"min") or 0), int(_value(column, rb"max") or 0)
            if 1 <= low <= high:
                marks.hidden_columns += range(low - 1, min(high, _MOST_COLUMNS))


def _note(marks: Marks, piece: bytes, seen: _Rows) -> None:
    """The marks of one piece of the sheet; most pieces have none, so a plain search goes before each pattern."""
    seen.look(piece)
    marks.has_values = marks.has_values or b"<v>" in piece or b":v>" in piece or b"<is>" in piece
    if b't="e"' in piece:
        for found in _ERROR.finditer(piece):
            _damage(marks, found[1], html.unescape(found[2].decode("utf-8", "replace")))
    if b"</f>" in piece or b"<f " in piece:
        for found in _UNVALUED.finditer(piece):
            if b't="str"' not in found[1]:
                _damage(marks, found[1], NO_VALUE)


def _last_row(piece: bytes) -> int:
    """The number of the last row of a piece that holds something; formatted ones often go on for thousands."""
    row = piece.rfind(b"<row ", 0, max(piece.rfind(b"<v>"), piece.rfind(b"<is>"), 0))
    place = _PLACE.search(piece, row) if row >= 0 else None
    return int(place[2]) if place and not place[1] else 0


def _note_end(marks: Marks, piece: bytes) -> None:
    """What stands behind the rows: the filter, the merged cells (those at the top, where a header may be)."""
    marks.is_filtered = b"autoFilter" in piece
    for found in _MERGED.finditer(piece):
        top, bottom = int(found[2]) - 1, int(found[4]) - 1
        if top < _HEADER_ROWS and len(marks.merged) < _MOST_MERGED:
            marks.merged.append([top, _column(found[1]), bottom, _column(found[3])])


def _column(letters: bytes) -> int:
    """The number of a column from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _damage(marks: Marks, attributes: bytes, words: str) -> None:
    place = _PLACE.search(attributes)
    if place and place[1] and len(marks.damaged) < _MOST_DAMAGED:
        marks.damaged[int(place[2])][_column(place[1])] = words


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """The sheet in pieces that end with a row (else with a tag), so that nothing is cut in two."""
    rest = b""
    while part := stream.read(_PART):
        part = rest + part
        cut = part.rfind(b"</row>") + 6
        if cut < 6:
            cut = len(part) if len(part) > _LONGEST else 0
        if cut:
            yield part[:cut]
        rest = part[cut:]
    if rest:
        yield rest


def _start_of(archive: zipfile.ZipFile, name: str) -> bytes:
    """The first four megabytes of a member."""
    with archive.open(name) as part:
        return part.read(4 << 20)


def _value(tag: bytes, name: bytes) -> str:
    """An attribute of a tag; '' when it has none."""
    found = re.search(rb"\s" + name + rb"""\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
    return html.unescape((found[1] or found[2] or b"").decode("utf-8", "replace")) if found else ""
