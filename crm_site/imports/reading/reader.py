"""Opens a stored spreadsheet through the child process and gives its sheets and rows, or says why it cannot be read."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from crm_site.core.xlsx import undefuse
from crm_site.files import rules as files
from crm_site.imports.reading.marks import NO_VALUE

__all__ = ["NO_VALUE", "BookHead", "Rows", "SheetHead", "Unreadable", "read"]

CHILD = Path(__file__).with_name("child.py")
#: Wall-clock seconds that reading may take altogether, the parent's own work included.
TIMEOUT = 600.0
NAME_LENGTH = 60
#: The last row that a sheet can have.
LAST_ROW = 1_048_576


class Unreadable(Exception):
    """The file cannot be read; `code` is a row of wording.REFUSALS."""

    def __init__(self, code: str, **detail: Any) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass
class SheetHead:
    """A sheet begins: its name, whether it is hidden, about how many rows it has, merged ranges near its top.

    A range is (first row, first column, last row, last column), all counted from 0. Hidden rows are numbers as people
    count, hidden columns count from 0. Of a sheet that is not `is_whole` only the first rows follow.
    """

    name: str
    is_hidden: bool
    height: int
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    is_whole: bool = True
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: tuple[int, ...] = ()
    is_filtered: bool = False


@dataclass
class BookHead:
    """The file begins: how it is written (workbook, csv, html) and whether its days count from 1904.

    `sees_hidden`: whether hidden rows and columns can be told apart; in .ods and .xlsb they cannot.
    """

    format: str
    is_1904: bool
    sees_hidden: bool = True


Rows = list[tuple[int, list[Any]]]


def read(path: Path, *, take: Sequence[str] = (), leave: Sequence[str] = ()) -> Iterator[BookHead | SheetHead | Rows]:
    """The parts of a file in their order: one BookHead, then for each sheet its SheetHead and lists of (number, cells).

    Cells are text, numbers, booleans, days, moments or None; an error stands as its text ("#REF!"), a formula of which
    the file holds no value as NO_VALUE. Hidden sheets are told only by their first rows unless named in `take`, and so
    are those in `leave`. Raises Unreadable, perhaps after some rows. Close the iterator to end the child early.
    """
    kind = _kind(path)
    choice = json.dumps({"take": list(take), "leave": list(leave)})
    with tempfile.TemporaryDirectory(prefix="import-") as folder, _start(path, kind, folder, choice) as child:
        watchdog = threading.Timer(TIMEOUT, child.kill)
        watchdog.start()
        try:
            ended = yield from _messages(child)
        finally:
            watchdog.cancel()
            child.kill()
    if not ended:
        raise Unreadable(_death(child.returncode))


def by_sheet(
    parts: Iterator[BookHead | SheetHead | Rows],
) -> Iterator[tuple[BookHead, SheetHead, Iterator[tuple[int, list[Any]]]]]:
    """The parts that `read` gives, sheet by sheet: the file, the sheet, its rows one by one.

    Rows of a sheet that are not asked for before the next sheet are passed over.
    """
    book = BookHead("", is_1904=False)
    ahead: list[SheetHead] = []

    def rows() -> Iterator[tuple[int, list[Any]]]:
        for part in parts:
            if isinstance(part, SheetHead):
                ahead.append(part)
                return
            if not isinstance(part, BookHead):
                yield from part

    for part in parts:
        if isinstance(part, BookHead):
            book = part
        elif isinstance(part, SheetHead):
            ahead.append(part)
        while ahead:
            head, content = ahead.pop(), rows()
            yield book, head, content
            for _left in content:
                pass


def _start(path: Path, kind: str, folder: str, choice: str) -> subprocess.Popen:
    """The child, with an environment that holds nothing of ours."""
    return subprocess.Popen(
        [sys.executable, "-I", str(CHILD), str(path.resolve()), kind, folder, choice],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONIOENCODING": "utf-8", "LANG": "C.UTF-8"},
        cwd=folder,
    )


def _kind(path: Path) -> str:
    """What the content is, whatever the file is called; refuses what is no spreadsheet at once."""
    with path.open("rb") as stream:
        kind = files.sniff(stream.read(4096))
    if kind == files.EMPTY:
        raise Unreadable("empty_file")
    if kind in {"rar", "7z", "gzip"}:
        raise Unreadable("archive")
    if kind not in {files.ZIP, files.OLE, files.TEXT}:
        raise Unreadable("not_a_spreadsheet", kind=kind)
    return kind


def _messages(child: subprocess.Popen) -> Generator[BookHead | SheetHead | Rows, None, bool]:
    """What the child says, as objects; gives whether it came to its end."""
    assert child.stdout is not None
    is_text = False
    for line in child.stdout:
        message = json.loads(line)
        if "rows" in message:
            yield _rows(message["rows"], is_text=is_text)
        elif "sheet" in message:
            yield _sheet_head(message)
        elif "format" in message:
            is_text = message["format"] == "csv"
            yield BookHead(message["format"], message["is_1904"], message["sees_hidden"])
        elif "refused" in message:
            raise Unreadable(message["refused"])
        else:
            return True
    child.wait()
    return False


def _rows(told: list[list[Any]], *, is_text: bool) -> Rows:
    """The rows of one message; of a workbook only marked cells cost a call, one in five."""
    if is_text:
        return [(number, [_text_cell(cell) for cell in cells]) for number, cells in told]
    return [(number, [_day(cell) if type(cell) is list else cell for cell in cells]) for number, cells in told]


def _sheet_head(message: dict[str, Any]) -> SheetHead:
    """The head of a sheet as an object; hidden rows come as ranges."""
    hidden = (number for first, last in message["hidden_rows"] for number in range(first, min(last, LAST_ROW) + 1))
    return SheetHead(
        name=message["sheet"][:NAME_LENGTH],
        is_hidden=message["hidden"],
        height=message["height"],
        merged=[tuple(one) for one in message["merged"]],
        is_whole=message["whole"],
        hidden_rows=frozenset(islice(hidden, LAST_ROW)),
        hidden_columns=tuple(message["hidden_columns"]),
        is_filtered=message["filtered"],
    )


def _text_cell(cell: Any) -> Any:
    """A cell of a text file; the mark with which our own exports defuse formulas is taken off again."""
    return undefuse(cell) if type(cell) is str and cell[:1] == "'" else cell


def _day(cell: list[str]) -> date:
    """A marked list becomes a day or a moment again."""
    mark, written = cell
    return date.fromisoformat(written) if mark == "d" else datetime.fromisoformat(written)


def _death(code: int | None) -> str:
    """Why a child that died without a word did so: limits end it by signals and by exhausted memory."""
    killed = {-signal.SIGKILL, -signal.SIGXCPU, -signal.SIGABRT, -signal.SIGSEGV}
    return "too_heavy" if code in killed else "unreadable"
