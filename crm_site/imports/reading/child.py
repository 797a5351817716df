"""Reads one spreadsheet in a process of its own, under limits, and prints its rows as lines of JSON.

Run as a plain script (`python -I child.py FILE KIND FOLDER CHOICE`, FOLDER empty), so that a hostile file meets nothing
but this file and its neighbours, the standard library and the reader: no settings, no database, no secrets.
CHOICE is {"take": [names], "leave": [names]}: hidden sheets to read whole, others not to. Of a sheet that is not taken
only its first rows are told. Output: {"sheet": …}, {"rows": [[number, cells], …]}, {"refused": code}, {"end": true}.
A day is written ["d", "2026-11-21"], a moment ["m", "2026-11-21T14:05:00"].
"""

import csv
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # a plain script run with -I finds no neighbours by itself

import marks as marking
import old
import plain
import slices
import telling
from telling import Refused

MEMORY = 768 * 1024 * 1024
CPU_SECONDS = 60
MAX_UNZIPPED = 600 * 1024 * 1024
MAX_MEMBERS = 5_000
#: A part of more than so many bytes that unpacks to so many times its size is no table but a bomb.
SMALL, BLOWN_UP = 20 * 1024 * 1024, 200
#: Names of sheets are told so long at most; no spreadsheet program makes them longer than 31 signs in .xlsx.
LONGEST_NAME = 60
#: Merged cells are reported only where a header may be.
HEADER_ROWS = 40


def main() -> int:
    """Read the file named on the command line; 0 also for a refusal, which is said in the output."""
    _limit()
    path, kind, folder = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    choice = json.loads(sys.argv[4]) if len(sys.argv) > 4 else {}
    try:
        for line in telling.written(read(path, kind, folder, choice)):
            sys.stdout.write(line)
        _say({"end": True})
    except Refused as refused:
        _say({"refused": str(refused)})
    except MemoryError:
        _say({"refused": "too_heavy"})
    except BaseException as problem:  # noqa: BLE001 - a panic of the Rust reader is no Exception
        _say({"refused": "unreadable", "because": type(problem).__name__})
    return 0


def read(path: Path, kind: str, folder: Path, choice: dict) -> Iterator[dict]:
    """The messages of one file of a sniffed kind (zip, ole, text)."""
    if kind == "zip":
        ending = _check_archive(path)
        members = marking.parts(path) if ending == "xlsx" else {}
        return _workbook(_under_name(path, folder / f"book.{ending}"), choice, members, is_1904=_zip_is_1904(path))
    if kind == "ole":
        _check_container(path)
        is_1904, known = old.scan(path)
        return _workbook(_under_name(path, folder / "book.xls"), choice, {}, is_1904=is_1904, known=known)
    if kind == "text":
        return _text(path, choice)
    raise Refused("not_a_spreadsheet")


def _say(message: dict) -> None:
    """Print the last message, whatever was printed before."""
    sys.stdout.write(telling.line(message))


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
    if any(member.file_size > max(SMALL, BLOWN_UP * member.compress_size) for member in members):
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


def _workbook(
    path: Path,
    choice: dict,
    members: dict[str, str],
    *,
    is_1904: bool,
    known: dict[str, marking.Marks] | None = None,
) -> Iterator[dict]:
    """Every worksheet of a workbook.

    `members` are the parts of its archive in which the sheets stand; `known` the marks of sheets without such a part.
    """
    known = known or {}
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_path(path)
        yield {"format": "workbook", "is_1904": is_1904, "sees_hidden": bool(members or known)}
        _check_names(book.sheet_names)
        for place, sheet in enumerate(book.sheets_metadata, start=1):
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet:
                is_hidden, told = sheet.visible != sheet.visible.Visible, _told(sheet.name, place)
                member = members.get(sheet.name, "")
                marks = marking.scan(path, member) if member else known.get(sheet.name) or marking.Marks()
                if member and slices.can_cut(path, member):
                    yield from _large(path, member, (sheet.name, told), marks, choice, hidden=is_hidden)
                else:
                    yield from _sheet(book, (sheet.name, told), marks, choice, hidden=is_hidden)
    except calamine.PasswordError as problem:
        raise Refused("encrypted") from problem
    except calamine.CalamineError as problem:  # the reader knows the seven old errors, not #SPILL! and its like
        raise Refused("error_value" if "error value" in str(problem) else "damaged") from problem


def _check_names(names: list[str]) -> None:
    """Two sheets of one name cannot be told apart; no spreadsheet program writes them."""
    if len(set(names)) < len(names):
        raise Refused("damaged")


def _told(name: str, place: int) -> str:
    """A sheet's name as it is told: a very long one shortened, with its place so that no two are the same."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 6]}… {place}"


def _sheet(book, names: tuple[str, str], marks: marking.Marks, choice: dict, *, hidden: bool) -> Iterator[dict]:
    """One worksheet: its head, then all its rows, or the first ones of a sheet that is not to be taken.

    `names` are its true one and the one that is told.
    """
    sheet = book.get_sheet_by_name(names[0])
    merged = [[*begin, *end] for begin, end in sheet.merged_cell_ranges or [] if begin[0] < HEADER_ROWS]
    is_whole = _is_taken(names[1], choice, hidden=hidden)
    yield {
        "sheet": names[1],
        "hidden": hidden,
        "whole": is_whole,
        "height": sheet.end[0] + 1 if sheet.end else 0,
        "merged": merged[:2000],
        "hidden_rows": marks.hidden_rows,
        "hidden_columns": marks.hidden_columns,
        "filtered": marks.is_filtered,
    }
    if marks.has_values and not sheet.end and not marks.damaged:
        raise Refused("unreadable")  # the reader lost what is there
    rows = _with_damage(_placed(sheet), marks.damaged)
    yield from telling.rows(rows) if is_whole else telling.sample(rows)


def _large(
    path: Path, member: str, names: tuple[str, str], marks: marking.Marks, choice: dict, *, hidden: bool
) -> Iterator[dict]:
    """One large worksheet, read in slices."""
    is_whole = _is_taken(names[1], choice, hidden=hidden)
    yield _head(names[1], marks.last_row) | {
        "hidden": hidden,
        "whole": is_whole,
        "merged": marks.merged,
        "hidden_rows": marks.hidden_rows,
        "hidden_columns": marks.hidden_columns,
        "filtered": marks.is_filtered,
    }
    must_fill = marks.has_values and not marks.damaged
    rows = _with_damage(_sliced(path, member, names[0], must_fill=must_fill), marks.damaged)
    yield from telling.rows(rows) if is_whole else telling.sample(rows)


def _sliced(path: Path, member: str, name: str, *, must_fill: bool) -> Iterator[list]:
    """The rows of a sheet slice by slice; those that are left out between them as empty lists."""
    import python_calamine as calamine

    last = 0
    for packed in slices.cut(path, member):
        sheet = calamine.CalamineWorkbook.from_filelike(packed).get_sheet_by_name(name)
        if sheet.start is None:
            continue
        (top, left), empty = sheet.start, [None] * sheet.start[1]
        yield from ([] for _ in range(top - last))
        for cells in sheet.to_python(skip_empty_area=True):
            yield empty + cells if left else cells
        last = top + sheet.height
    if must_fill and not last:
        raise Refused("unreadable")  # the reader lost what is there


def _is_taken(name: str, choice: dict, *, hidden: bool) -> bool:
    return name in choice.get("take", ()) if hidden else name not in choice.get("leave", ())


def _placed(sheet) -> Iterator[list]:
    """The rows from the first on, each from the first column on: the reader leaves empty columns at the left out."""
    left = sheet.start[1] if sheet.start else 0
    return ([None] * left + cells for cells in sheet.iter_rows()) if left else sheet.iter_rows()


def _with_damage(rows: Iterator[list], damaged: dict[int, dict[int, str]]) -> Iterator[list]:
    """The rows with what stands for errors and for formulas without a value, which the reader gives as empty."""
    if not damaged:
        yield from rows
        return
    number, last = 0, max(damaged)
    while True:
        number += 1
        cells = next(rows, None)
        if cells is None and number > last:
            return
        cells = list(cells or [])
        for column, words in damaged.get(number, {}).items():
            if column < telling.MAX_COLUMNS:
                cells += [None] * (column + 1 - len(cells))
                if cells[column] in (None, ""):
                    cells[column] = words
        yield cells


# ---- text: CSV, TSV, HTML tables ------------------------------------------------------------------------------------


def _text(path: Path, choice: dict) -> Iterator[dict]:
    """A table written as text, whatever the file is called."""
    try:
        encoding, ends = plain.encoding_of(path)
    except plain.Undecodable as problem:
        raise Refused("encoding") from problem
    with path.open(encoding=encoding, newline="") as stream:
        beginning = stream.read(20_000)
    start = beginning[:4000].lstrip().lower()
    if start.startswith("<?xml") and "urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise Refused("xml_spreadsheet")
    if re.match(r"<(?:!doctype html|html|head|meta|body|table|style|div)\b", start) or "<table" in start:
        yield {"format": "html", "is_1904": False, "sees_hidden": True}
        yield from _html(path.read_text(encoding), choice)
        return
    if start.startswith(("<", "{")):
        raise Refused("not_a_spreadsheet")
    yield {"format": "csv", "is_1904": False, "sees_hidden": True}
    yield _head("", ends + 1)
    yield from _separated(path, encoding, beginning)


def _separated(path: Path, encoding: str, beginning: str) -> Iterator[dict]:
    """The rows of CSV or tab-separated text; "sep=;" in the first line is an order to spreadsheet programs."""
    csv.field_size_limit(1 << 20)
    named = re.match(r"sep=(.)\r?\n", beginning, re.IGNORECASE)
    delimiter = named[1] if named else plain.delimiter_of(beginning)
    with path.open(encoding=encoding, newline="") as stream:
        rows = csv.reader(stream, delimiter=delimiter)
        try:
            yield from telling.rows([] if number == 0 and named else cells for number, cells in enumerate(rows))
        except csv.Error as problem:
            raise Refused("damaged") from problem


def _html(written: str, choice: dict) -> Iterator[dict]:
    """The tables of a web page, each a sheet."""
    parser = plain.Tables()
    parser.feed(written)
    parser.close()
    if not parser.tables:
        raise Refused("not_a_spreadsheet")
    for number, (rows, merged, hidden) in enumerate(parser.tables, start=1):
        name = "" if number == 1 else str(number)
        is_whole = _is_taken(name, choice, hidden=False)
        hidden_rows = [(each, each) for each in hidden]
        yield _head(name, len(rows)) | {"merged": merged[:2000], "hidden_rows": hidden_rows, "whole": is_whole}
        yield from telling.rows(iter(rows)) if is_whole else telling.sample(iter(rows))


def _head(name: str, height: int) -> dict:
    """The head of a sheet that hides nothing."""
    return {
        "sheet": name,
        "hidden": False,
        "whole": True,
        "height": height,
        "merged": [],
        "hidden_rows": [],
        "hidden_columns": [],
        "filtered": False,
    }


# ---- limits ---------------------------------------------------------------------------------------------------------


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
