"""Opens a stored spreadsheet through the child process and gives its sheets and rows, or says why it cannot be read."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from crm_site.files import rules as files

CHILD = Path(__file__).with_name("child.py")
#: Wall-clock seconds that reading may take altogether, the parent's own work included.
TIMEOUT = 600.0


class Unreadable(Exception):
    """The file cannot be read; `code` is a row of wording.REFUSALS."""

    def __init__(self, code: str, **detail: Any) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass
class SheetHead:
    """A sheet begins: its name, whether it is hidden, about how many rows it has, merged ranges near its top.

    A range is (first row, first column, last row, last column), all counted from 0.
    """

    name: str
    is_hidden: bool
    height: int
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass
class BookHead:
    """The file begins: how it is written (workbook, csv, html) and whether its days count from 1904."""

    format: str
    is_1904: bool


Rows = list[tuple[int, list[Any]]]


def read(path: Path) -> Iterator[BookHead | SheetHead | Rows]:
    """The parts of a file in their order: one BookHead, then for each sheet its SheetHead and lists of (number, cells).

    Cells are text, numbers, booleans, days, moments or None. Raises Unreadable, perhaps after some rows. Close the
    iterator to end the child early.
    """
    kind = _kind(path)
    with tempfile.TemporaryDirectory(prefix="import-") as folder, _start(path, kind, folder) as child:
        watchdog = threading.Timer(TIMEOUT, child.kill)
        watchdog.start()
        try:
            ended = yield from _messages(child)
        finally:
            watchdog.cancel()
            child.kill()
    if not ended:
        raise Unreadable(_death(child.returncode))


def _start(path: Path, kind: str, folder: str) -> subprocess.Popen:
    """The child, with an environment that holds nothing of ours."""
    return subprocess.Popen(
        [sys.executable, "-I", str(CHILD), str(path.resolve()), kind, folder],
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
    for line in child.stdout:
        message = json.loads(line)
        if "rows" in message:
            yield [(number, [_cell(cell) for cell in cells]) for number, cells in message["rows"]]
        elif "sheet" in message:
            merged = [tuple(one) for one in message["merged"]]
            yield SheetHead(message["sheet"][:60], message["hidden"], message["height"], merged)
        elif "format" in message:
            yield BookHead(message["format"], message["is_1904"])
        elif "refused" in message:
            raise Unreadable(message["refused"])
        else:
            return True
    child.wait()
    return False


def _cell(cell: Any) -> Any:
    """Marked lists become days and moments again."""
    if type(cell) is not list:
        return cell
    mark, written = cell
    return date.fromisoformat(written) if mark == "d" else datetime.fromisoformat(written)


def _death(code: int | None) -> str:
    """Why a child that died without a word did so: limits end it by signals and by exhausted memory."""
    killed = {-signal.SIGKILL, -signal.SIGXCPU, -signal.SIGABRT, -signal.SIGSEGV}
    return "too_heavy" if code in killed else "unreadable"
