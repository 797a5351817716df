"""What an old .xls says beside its values: its date system, hidden rows and columns, filters, error cells.

The reader of values leaves that out. Loaded by the child as a plain script's neighbour: standard library only. Reads
the container and the records of BIFF8; a file that is anything else, or broken, has no marks.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from marks import Marks

_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_BOF, _EOF, _SHEET, _DATES, _LOCKED = 0x809, 0x0A, 0x85, 0x22, 0x2F
_FORMULA, _BOOL_ERROR, _ROW, _COLUMNS, _FILTER = 0x06, 0x205, 0x208, 0x7D, 0x9D
_BIFF8 = 0x600
_FREE = 0xFFFFFFFA  # sector numbers from here on mean "none"
_MOST_COLUMNS = 256


def scan(path: Path) -> tuple[bool, dict[str, Marks]]:
    """Whether days count from 1904, and the marks of each sheet by its name; none where the file is not understood."""
    try:
        book = _Container(path.read_bytes()).stream("Workbook")
        return _book(book)
    except (struct.error, IndexError, KeyError, ValueError, UnicodeDecodeError):
        return False, {}


class _Container:
    """The compound file in which an .xls stands: streams in chains of sectors."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        (shift,) = struct.unpack_from("<H", content, 30)
        self.size = 1 << min(shift, 12)
        start, self.small_limit, self.small_fat = (
            struct.unpack_from("<I", content, place)[0] for place in (48, 56, 60)
        )
        self.fat = self._fat()
        folder = self._chain(start)
        self.entries = [folder[place : place + 128] for place in range(0, len(folder) - 127, 128)]

    def stream(self, name: str) -> bytes:
        """The bytes of a stream by its name."""
        for entry in self.entries:
            (length,) = struct.unpack_from("<H", entry, 64)
            if entry[: max(length - 2, 0)].decode("utf-16-le") == name:
                start, size = struct.unpack_from("<II", entry, 116)
                return (self._small(start) if size < self.small_limit else self._chain(start))[:size]
        raise KeyError(name)

    def _sector(self, number: int) -> bytes:
        return self.content[(number + 1) * self.size : (number + 2) * self.size]

    def _fat(self) -> list[int]:
        """Which sector follows which; its own sectors are listed in the header, and in a chain behind that."""
        listed = list(struct.unpack_from("<109I", self.content, 76))
        (more,) = struct.unpack_from("<I", self.content, 68)
        for _step in range(len(self.content) // self.size):
            if more >= _FREE:
                break
            *part, more = struct.unpack(f"<{self.size // 4}I", self._sector(more))
            listed += part
        found: list[int] = []
        for number in listed:
            if number < _FREE:
                found += struct.unpack(f"<{self.size // 4}I", self._sector(number))
        return found

    def _chain(self, number: int) -> bytes:
        """The sectors of a chain; one that bites its tail ends with the file."""
        parts: list[bytes] = []
        while number < _FREE and len(parts) * self.size <= len(self.content):
            parts.append(self._sector(number))
            number = self.fat[number]
        return b"".join(parts)

    def _small(self, number: int) -> bytes:
        """A short stream, kept in pieces of 64 bytes within the root's."""
        table = self._chain(self.small_fat)
        within = self._chain(struct.unpack_from("<I", self.entries[0], 116)[0])
        parts: list[bytes] = []
        while number < _FREE and len(parts) * 64 <= len(within):
            parts.append(within[number * 64 : number * 64 + 64])
            (number,) = struct.unpack_from("<I", table, number * 4)
        return b"".join(parts)


def _records(book: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """The records of a sheet or of the book from one place on, up to its end; charts inside are left out."""
    depth = 0
    while place + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, place)
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        if depth == 1:
            yield kind, book[place + 4 : place + 4 + length]
        place += 4 + length


def _book(book: bytes) -> tuple[bool, dict[str, Marks]]:
    is_1904, sheets = False, {}
    for kind, body in _records(book, 0):
        if kind == _BOF and struct.unpack_from("<H", body)[0] != _BIFF8:
            raise ValueError("an older format")
        if kind == _LOCKED:
            raise ValueError("encrypted")
        if kind == _DATES:
            is_1904 = body[:1] == b"\x01"
        elif kind == _SHEET and body[5] == 0:
            length, is_wide = body[6], body[7] & 1
            name = body[8 : 8 + length * (2 if is_wide else 1)].decode("utf-16-le" if is_wide else "latin-1")
            sheets[name] = _sheet(book, struct.unpack_from("<I", body)[0])
    return is_1904, sheets


def _sheet(book: bytes, place: int) -> Marks:
    """The marks of one sheet."""
    marks = Marks()
    for kind, body in _records(book, place):
        if kind == _ROW and body[12] & 0x20:
            marks.hide_row(struct.unpack_from("<H", body)[0] + 1)
        elif kind == _COLUMNS and body[8] & 1:
            first, last = struct.unpack_from("<HH", body)
            marks.hidden_columns += range(first, min(last + 1, _MOST_COLUMNS))
        elif kind == _FILTER:
            marks.is_filtered = True
        elif kind == _BOOL_ERROR and body[7]:
            _damage(marks, body, body[6])
        elif kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
            _damage(marks, body, body[8])
    return marks


def _damage(marks: Marks, body: bytes, code: int) -> None:
    row, column = struct.unpack_from("<HH", body)
    marks.damaged[row + 1][column] = _ERRORS.get(code, "#N/A")
