"""Reads one spreadsheet in a process of its own, under limits, and prints its rows as lines of JSON.

Run as a plain script (`python -I child.py FILE KIND FOLDER`, FOLDER empty), so that a hostile file meets nothing but
this file, the standard library and the reader: no settings, no database, no secrets. Output: {"sheet": …},
{"rows": [[number, cells], …]}, {"refused": code}, {"end": true}. A day is written ["d", "2026-11-21"], a moment
["m", "2026-11-21T14:05:00"].
"""

import codecs
import csv
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path

MEMORY = 768 * 1024 * 1024
CPU_SECONDS = 60
MAX_UNZIPPED = 600 * 1024 * 1024
MAX_MEMBERS = 5_000
MAX_COLUMNS = 500
MAX_ROWS = 200_000
LINE_ROWS = 500
LONGEST_CELL = 32_767
#: Merged cells are reported only where a header may be.
HEADER_ROWS = 40
_EXACT = 10**15


class Refused(Exception):
    """The file cannot be read; the code is turned into words by the web page."""


def main() -> int:
    """Read the file named on the command line; 0 also for a refusal, which is said in the output."""
    _limit()
    path, kind, folder = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    try:
        for message in read(path, kind, folder):
            _say(message)
        _say({"end": True})
    except Refused as refused:
        _say({"refused": str(refused)})
    except MemoryError:
        _say({"refused": "too_heavy"})
    except BaseException as problem:  # noqa: BLE001 - a panic of the Rust reader is no Exception
        _say({"refused": "unreadable", "because": type(problem).__name__})
    return 0


def read(path: Path, kind: str, folder: Path) -> Iterator[dict]:
    """The messages of one file of a sniffed kind (zip, ole, text)."""
    if kind == "zip":
        ending = _check_archive(path)
        return _workbook(_under_name(path, folder / f"book.{ending}"), is_1904=_zip_is_1904(path))
    if kind == "ole":
        _check_container(path)
        return _workbook(_under_name(path, folder / "book.xls"), is_1904=False)
    if kind == "text":
        return _text(path.read_bytes())
    raise Refused("not_a_spreadsheet")


# ---- workbooks ------------------------------------------------------------------------------------------------------


def _under_name(path: Path, name: Path) -> Path:
    """A link to the file with the ending of its true kind: the reader chooses by that, and then says what is wrong."""
    name.symlink_to(path)
    return name


def _check_container(path: Path) -> None:
    """An encrypted xlsx hides in the same container as an old xls."""
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        raise Refused("encrypted")


def _check_archive(path: Path) -> str:
    """The ending that a zip file deserves; refuses one that is no workbook or would unpack to a bomb."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError) as problem:
        raise Refused("damaged") from problem
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNZIPPED:
        raise Refused("too_heavy")
    names = {member.filename.replace("\\", "/").lstrip("/").lower() for member in members}
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise Refused("not_a_spreadsheet")
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "[content_types].xml", "mimetype"}:
        raise Refused("archive")
    if "xl/workbook.bin" in names:
        return "xlsb"
    return "ods" if "content.xml" in names else "xlsx"


def _zip_is_1904(path: Path) -> bool:
    """Whether the workbook counts days from 1904; matters for serials that stand in text cells."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("xl/workbook.xml") as part:
            return re.search(rb"""date1904\s*=\s*["'](?:1|true)""", part.read(1 << 20)) is not None
    except (KeyError, zipfile.BadZipFile, OSError, ValueError):
        return False


def _workbook(path: Path, *, is_1904: bool) -> Iterator[dict]:
    """Every worksheet of a workbook; the hidden ones only by name."""
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_path(path)
        yield {"format": "workbook", "is_1904": is_1904}
        for sheet in book.sheets_metadata:
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet:
                yield from _sheet(book, sheet.name, hidden=sheet.visible != calamine.SheetVisibleEnum.Visible)
    except calamine.PasswordError as problem:
        raise Refused("encrypted") from problem
    except calamine.CalamineError as problem:
        raise Refused("damaged") from problem


def _sheet(book, name: str, *, hidden: bool) -> Iterator[dict]:
    if hidden:
        yield {"sheet": name, "hidden": True, "height": 0, "merged": []}
        return
    sheet = book.get_sheet_by_name(name)
    merged = [[*begin, *end] for begin, end in sheet.merged_cell_ranges or [] if begin[0] < HEADER_ROWS]
    yield {"sheet": name, "hidden": False, "height": sheet.height, "merged": merged[:2000]}
    yield from _lines(sheet.iter_rows())


# ---- text: CSV, TSV, HTML tables ------------------------------------------------------------------------------------


def _text(content: bytes) -> Iterator[dict]:
    written = _decoded(content)
    start = written[:4000].lstrip().lower()
    if start.startswith("<?xml") and "urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise Refused("xml_spreadsheet")
    if re.match(r"<(?:!doctype html|html|head|meta|body|table|style|div)\b", start) or "<table" in start:
        yield {"format": "html", "is_1904": False}
        yield from _html(written)
        return
    if start.startswith(("<", "{")):
        raise Refused("not_a_spreadsheet")
    yield {"format": "csv", "is_1904": False}
    csv.field_size_limit(1 << 20)
    yield {"sheet": "", "hidden": False, "height": written.count("\n"), "merged": []}
    try:
        yield from _lines(csv.reader(io.StringIO(written, newline=""), delimiter=_delimiter(written)))
    except csv.Error as problem:
        raise Refused("damaged") from problem


def _decoded(content: bytes) -> str:
    """The text in the first encoding that fits; one that would be garbled is refused."""
    for bom, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if content.startswith(bom):
            return _strictly(content, name)
    head = content[:4096]
    if head[1::2].count(0) * 3 > len(head[1::2]):
        return _strictly(content, "utf-16-le")
    if head[0::2].count(0) * 3 > len(head[0::2]):
        return _strictly(content, "utf-16-be")
    charset = re.search(rb"""charset=["']?([\w-]+)""", head[:2000], re.IGNORECASE)
    if charset and charset[1].lower() in (b"gb2312", b"gbk", b"gb18030"):
        return _strictly(content, "gb18030")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _plausible_chinese(_strictly(content, "gb18030"))


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as problem:
        raise Refused("encoding") from problem


def _plausible_chinese(written: str) -> str:
    """GB18030 decodes almost any bytes; only text that is mostly common Chinese was written in it."""
    foreign = [sign for sign in written[:200_000] if sign > "\x7f"]
    common = sum(
        "\u4e00" <= sign <= "\u9fa5" or "\u3000" <= sign <= "\u303f" or "\uff00" <= sign <= "\uffef" for sign in foreign
    )
    if foreign and common * 10 < len(foreign) * 8:
        raise Refused("encoding")
    return written


def _delimiter(written: str) -> str:
    """The sign that divides the first lines most."""
    lines = written[:20_000].splitlines()[:30]
    return max(",\t;|", key=lambda sign: sum(line.count(sign) for line in lines))


class _Tables(HTMLParser):
    """Collects the rows of every table; merged cells are reported as in workbooks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[list[list[str]], list[list[int]]]] = []
        self._cell: list[str] | None = None
        self._row: list[str] | None = None
        self._span = (1, 1)
        self._taken: dict[tuple[int, int], bool] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append(([], []))
            self._taken = {}
        elif tag == "tr" and self.tables:
            self._end_row()
            self._row = []
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
        rows, merged = self.tables[-1]
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
    return min(int(written), MAX_COLUMNS) if written and written.isdecimal() and int(written) > 0 else 1


def _html(written: str) -> Iterator[dict]:
    parser = _Tables()
    parser.feed(written)
    parser.close()
    if not parser.tables:
        raise Refused("not_a_spreadsheet")
    for number, (rows, merged) in enumerate(parser.tables, start=1):
        name = "" if number == 1 else str(number)
        yield {"sheet": name, "hidden": False, "height": len(rows), "merged": merged[:2000]}
        yield from _lines(iter(rows))


# ---- output ---------------------------------------------------------------------------------------------------------


def _lines(rows: Iterator[list]) -> Iterator[dict]:
    """Rows that hold anything, some hundred a message, with their number as people count (from 1)."""
    batch, taken = [], 0
    for number, cells in enumerate(rows, start=1):
        plain = [_cell(value) for value in cells]
        while plain and plain[-1] is None:
            plain.pop()
        if not plain:
            continue
        if len(plain) > MAX_COLUMNS:
            raise Refused("too_wide")
        taken += 1
        if taken > MAX_ROWS:
            raise Refused("too_long")
        batch.append([number, plain])
        if len(batch) == LINE_ROWS:
            yield {"rows": batch}
            batch = []
    if batch:
        yield {"rows": batch}


def _cell(value: object) -> object:
    """One cell as JSON has it: whole floats as numbers without a fraction, days and moments as marked lists."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value[:LONGEST_CELL] if value.strip() else None
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if isinstance(value, datetime):
        return ["m", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    return str(value)


def _say(message: dict) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=True, separators=(",", ":")))
    sys.stdout.write("\n")


def _limit() -> None:
    """Whatever the file makes of the reader: so much memory and time, no file written, no crash dump."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard < 0 else min(most, hard), hard))


if __name__ == "__main__":
    sys.exit(main())
