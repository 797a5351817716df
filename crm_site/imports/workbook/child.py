"""Marks the user's own workbook, in a process of its own under limits, because it opens their file with openpyxl.

`python -m crm_site.imports.workbook.child FILE FOLDER OUT`: FOLDER holds plan.json (see plan.py) and the marks of each
sheet; OUT is the workbook. Says every two seconds how many rows are done, then "end". Its environment holds no secrets.
"""

import json
import os
import resource
import signal
import sys
from copy import copy
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell

from crm_site.imports.workbook.ink import AUTHOR, COLOURS, NO_FILL, Ink, put_text, widen
from crm_site.imports.workbook.splicing import splice
from crm_site.imports.workbook.summary import finish

MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 300
LARGEST_FILE = 300 * 1024 * 1024


def main() -> int:
    """Mark the file named on the command line; 0 when the workbook stands."""
    _limit()
    path, folder, out = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    ink = Ink(json.loads((folder / "plan.json").read_text()), folder)
    _say_regularly(ink)
    named = folder / "book.xlsx"  # openpyxl goes by the ending
    named.symlink_to(path)
    if ink.plan["is_large"]:
        splice(named, ink, out)
    else:
        book = _mark_whole(named, ink)
        finish(book, ink)
        book.save(out)
    signal.setitimer(signal.ITIMER_REAL, 0)
    os.write(1, b"end\n")
    return 0


def _mark_whole(path: Path, ink: Ink) -> Workbook:
    """Keep everything of the user's workbook that openpyxl can keep, and mark its cells."""
    book = load_workbook(path, rich_text=True)
    for name in ink.plan["own"]:  # the summary and the mark of an earlier error workbook
        if name in book.sheetnames:
            book.remove(book[name])
    for sheet in ink.plan["sheets"]:
        worksheet = book[sheet["name"]]
        _put_title(worksheet, sheet, ink.plan["result_title"])
        widen(worksheet, sheet)
        for mark in ink.marks(sheet):
            _mark_row(ink, worksheet, sheet, mark)
    return book


def _put_title(worksheet: Any, sheet: dict, title: str) -> None:
    """The header of the column of results, looking like its neighbour."""
    cell = worksheet.cell(sheet["header"], sheet["column"])
    neighbour = worksheet.cell(sheet["header"], max(1, sheet["column"] - 1))
    if neighbour.has_style and not cell.has_style:
        cell._style = copy(neighbour._style)
    put_text(cell, title)


def _mark_row(ink: Ink, worksheet: Any, sheet: dict, mark: dict) -> None:
    """The marks of one row; those of an earlier error workbook are taken off."""
    for cell in worksheet[mark["r"]]:
        if cell.fill.fgColor.rgb in COLOURS.values():
            cell.fill = NO_FILL
            cell.comment = None if cell.comment is not None and cell.comment.author == AUTHOR else cell.comment
    for column, kind, text in mark["c"]:
        cell = worksheet.cell(mark["r"], column)
        if isinstance(cell, Cell):  # not one that a merged range covers
            ink.cell(cell, kind, text)
    ink.result(worksheet.cell(mark["r"], sheet["column"]), mark)


def _say_regularly(ink: Ink) -> None:
    """Give a sign of life every two seconds, also while openpyxl is busy opening or saving."""
    signal.signal(signal.SIGALRM, lambda *_: os.write(1, f"{ink.done}\n".encode()))
    signal.setitimer(signal.ITIMER_REAL, 2, 2)


def _limit() -> None:
    """Whatever the file makes of openpyxl: so much memory, time and disk, no crash dump."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard < 0 else min(most, hard), hard))


if __name__ == "__main__":
    sys.exit(main())
