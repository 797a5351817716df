"""Text files of a table: which encoding, which delimiter, and the tables of a web page; standard library only.

Loaded by the child as a plain script's neighbour.
"""

import codecs
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

_PART = 1 << 20
_SAMPLE = 200_000
MAX_SPAN = 500
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_HIDES = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)


class Undecodable(Exception):
    """No encoding fits the text for certain."""


def encoding_of(path: Path) -> tuple[str, int]:
    """The first encoding that fits the whole file, and its number of line ends; raises Undecodable for none.

    Text that would be garbled is not decoded: GB18030 takes almost any bytes, so what it gives must read as Chinese.
    """
    with path.open("rb") as stream:
        head = stream.read(1 << 16)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name, _decodes(path, name)
    if b"\x00" in head:
        name = "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"
        return name, _decodes(path, name)
    charset = re.search(rb"""charset=["']?([\w-]+)""", head[:2000], re.IGNORECASE)
    if charset and charset[1].lower() in (b"gb2312", b"gbk", b"gb18030"):
        return "gb18030", _decodes(path, "gb18030")
    try:
        return "utf-8", _decodes(path, "utf-8")
    except Undecodable:
        ends = _decodes(path, "gb18030")
        with path.open(encoding="gb18030") as stream:
            _check_plausible(stream.read(_SAMPLE))
        return "gb18030", ends


def _decodes(path: Path, encoding: str) -> int:
    """Decode the file piece by piece; gives its line ends, raises Undecodable where a byte does not fit."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    ends = 0
    with path.open("rb") as stream:
        try:
            while part := stream.read(_PART):
                ends += decoder.decode(part).count("\n")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as problem:
            raise Undecodable from problem
    return ends


#: A single Chinese character inside a Latin word.
_BETWEEN_LETTERS = re.compile(r"(?<=[A-Za-z])[\u4e00-\u9fa5](?=[a-z])")


def _check_plausible(written: str) -> None:
    """Text that is mostly common Chinese was written in GB18030; anything else only decodes by chance."""
    foreign = [sign for sign in written if sign > "\x7f"]
    common = sum(
        "\u4e00" <= sign <= "\u9fa5" or "\u3000" <= sign <= "\u303f" or "\uff00" <= sign <= "\uffef" for sign in foreign
    )
    if foreign and common * 10 < len(foreign) * 8:
        raise Undecodable
    if len(_BETWEEN_LETTERS.findall(written)) * 2 > len(foreign):  # Jürgen reads as J黵gen
        raise Undecodable


def delimiter_of(start: str) -> str:
    """The sign that divides most of the first lines into equally many cells."""
    lines = [line for line in start.splitlines()[:30] if line.strip()]

    def rank(sign: str) -> tuple[int, int]:
        counts = Counter(count for line in lines if (count := line.count(sign)))
        if not counts:
            return (0, 0)
        usual, times = max(counts.items(), key=lambda item: (item[1], item[0]))
        return (times * usual, usual)

    return max(",\t;|", key=rank)


class Tables(HTMLParser):
    """Collects the rows of every table; merged cells and hidden rows are noted as in workbooks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        #: of each table: rows, merged ranges (from 0), numbers of hidden rows (from 1)
        self.tables: list[tuple[list[list[str]], list[list[int]], list[int]]] = []
        self._cell: list[str] | None = None
        self._row: list[str] | None = None
        self._span = (1, 1)
        self._taken: dict[tuple[int, int], bool] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append(([], [], []))
            self._taken = {}
        elif tag == "tr" and self.tables:
            self._end_row()
            self._row = []
            if _HIDES.search(dict(attrs).get("style") or "") or "hidden" in dict(attrs):
                self.tables[-1][2].append(len(self.tables[-1][0]) + 1)
        elif tag in ("td", "th") and self._row is not None:
            self._end_cell()
            given = dict(attrs)
            self._span = (_number(given.get("rowspan")), _number(given.get("colspan")))
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        rows, merged, _hidden = self.tables[-1]
        number = len(rows)
        while self._taken.get((number, len(self._row))):
            self._row.append("")
        column, (down, right) = len(self._row), self._span
        if down > 1 or right > 1:
            merged.append([number, column, number + down - 1, column + right - 1])
            self._taken.update(
                {(number + step, column + side): True for step in range(1, down) for side in range(right)}
            )
        self._row += ["".join(self._cell).strip(), *[""] * (right - 1)]
        self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is not None and self.tables:
            self.tables[-1][0].append(self._row)
        self._row = None


def _number(written: str | None) -> int:
    return min(int(written), MAX_SPAN) if written and written.isdecimal() and int(written) > 0 else 1
