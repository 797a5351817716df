"""Red ink: colours cells, comments them and writes what became of each row; knows openpyxl and nothing of ours.

This module, `streaming`, `summary` and `child` run where the user's file is opened: without settings or database.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

#: More comments than this make spreadsheet programs slow; the column of results still says everything.
MOST_COMMENTS = 2_000
TELL_EVERY = 1_000
AUTHOR = "Huifang"
RESULT_WIDTH = 46

COLOURS = {"bad": "FFF9C9C9", "warn": "FFFDEBB3"}
FILLS = {kind: PatternFill("solid", fgColor=colour) for kind, colour in COLOURS.items()}
NO_FILL = PatternFill()
WRAPPED = Alignment(wrap_text=True, vertical="top")

Tell = Callable[[int], None]


class Ink:
    """Marks rows by a plan (see plan.py), counts them, and counts the comments, of which there may not be too many."""

    def __init__(self, plan: dict, folder: Path, tell: Tell | None = None) -> None:
        self.plan, self.folder, self._tell = plan, folder, tell
        self.comments = self.done = 0

    def marks(self, sheet: dict) -> Iterator[dict]:
        """The marks of a sheet's rows, ascending."""
        with (self.folder / sheet["marks"]).open() as stream:
            for line in stream:
                yield json.loads(line)

    def cell(self, cell: Any, kind: str, text: str) -> None:
        """Colour a cell and say why in a comment; a comment of the user's stays below ours."""
        cell.fill = FILLS[kind]
        if self.comments >= MOST_COMMENTS:
            return
        self.comments += 1
        own = cell.comment.text if cell.comment is not None else ""
        height = 40 + 20 * sum(1 + len(line) // 20 for line in text.split("\n"))
        cell.comment = Comment(f"{text}\n—\n{own}" if own else text, AUTHOR, width=280, height=height)

    def result(self, cell: Any, mark: dict) -> None:
        """What became of the row, coloured where there is something to do; the row is done with that."""
        put_text(cell, mark["t"])
        cell.fill = FILLS.get(mark["k"], NO_FILL)
        cell.alignment = WRAPPED
        self.count()

    def count(self) -> None:
        """One row more is done."""
        self.done += 1
        if self._tell is not None and self.done % TELL_EVERY == 0:
            self._tell(self.done)


def put_text(cell: Any, text: str) -> None:
    """Typed text, never a formula."""
    cell._value, cell.data_type = text, "s"


def text_cell(worksheet: Any, text: str, font: Font | None = None, fill: PatternFill | None = None) -> Any:
    """A new cell of typed text."""
    cell = WriteOnlyCell(worksheet, value=None)
    put_text(cell, text)
    cell.alignment = WRAPPED
    if font is not None:
        cell.font = font
    if fill is not None:
        cell.fill = fill
    return cell


def widen(worksheet: Any, sheet: dict) -> None:
    """Room for the column of results, and a filter where the user has none, to find bad rows by colour or word."""
    letter = get_column_letter(sheet["column"])
    worksheet.column_dimensions[letter].width = RESULT_WIDTH
    if worksheet.auto_filter.ref is None and not worksheet.tables:
        worksheet.auto_filter.ref = f"A{sheet['header']}:{letter}{max(sheet['header'], sheet['last'])}"
