"""Reads a manufacturer's empty sheet: its sheets and first lines, where the titles stand, what each column means."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from crm_site.core import text
from crm_site.core.errors import RuleBroken
from crm_site.imports.layout import Field, Layout
from crm_site.imports.reading import matching
from crm_site.imports.reading.peeking import LINES, shown
from crm_site.imports.reading.reader import Unreadable, by_sheet, read
from crm_site.reports.export.subjects import fields_of

#: an empty sheet is small; what unpacks to more is none
MOST_BYTES = 3 * 1024 * 1024
MOST_UNPACKED = 60 * 1024 * 1024
MOST_COLUMNS = 100


@dataclass(frozen=True)
class SheetTop:
    """The first lines of a sheet: {row number: its cells as text}."""

    name: str
    lines: dict[int, list[str]]

    def titles(self, row: int) -> list[str]:
        """The titles of the columns in a line; a cell that is empty there takes the one above it."""
        own, above = self.lines.get(row, []), self.lines.get(row - 1, [])
        width = min(max(len(own), len(above) if any(own) else 0), MOST_COLUMNS)
        cells = [own[place] if place < len(own) else "" for place in range(width)]
        found = [cell or (above[place] if place < len(above) else "") for place, cell in enumerate(cells)]
        while found and not found[-1]:
            found.pop()
        return found


def tops(path: Path) -> list[SheetTop]:
    """The visible sheets of a workbook, read by the importer's own reader, which stands outside of this process.

    Refuses (RuleBroken, field "file") what is no plain .xlsx, has macros, or unpacks to too much.
    """
    _check(path)
    found = []
    try:
        for _book, head, rows in by_sheet(read(path)):
            lines = {number: [shown(cell) for cell in cells] for number, cells in rows if number <= LINES}
            if not head.is_hidden:
                found.append(SheetTop(head.name, lines))
    except Unreadable as broken:
        raise _refused() from broken
    if not any(any(cells) for sheet in found for cells in sheet.lines.values()):
        raise RuleBroken(
            _("The sheet has no titles. Bring the manufacturer's empty sheet with its head."), field="file"
        )
    return found


def _check(path: Path) -> None:
    """A zip of a workbook without macros that does not swell."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as broken:
        raise _refused() from broken
    names = {member.filename for member in members}
    if sum(member.file_size for member in members) > MOST_UNPACKED or "xl/workbook.xml" not in names:
        raise _refused()
    if any("vbaProject" in name for name in names):
        raise RuleBroken(_("The sheet holds macros. Save it as .xlsx without macros."), code="macros", field="file")


def _refused() -> RuleBroken:
    return RuleBroken(
        _("This is no workbook that can be filled in. Save the sheet as .xlsx."), code="form", field="file"
    )


def matching_layout(subject: str) -> Layout:
    """Our fields as the importer's matching wants them; nothing is ever imported with it."""
    fields = tuple(Field(field.code, field.label, field.titles, field.kind) for field in fields_of(subject).values())
    return Layout(subject, subject, fields, lambda row: None, lambda ctx, rows: [], lambda ctx, rows: {})


def propose(sheets: Sequence[SheetTop], subject: str) -> tuple[SheetTop, int]:
    """The sheet and the line whose titles we know most of; the first line with any text where we know none."""
    layout = matching_layout(subject)
    best: tuple[int, int, SheetTop, int] | None = None
    for place, sheet in enumerate(sheets):
        for row, cells in sheet.lines.items():
            known = matching.known_titles(layout, [[title] for title in cells[:MOST_COLUMNS]])
            filled = sum(bool(cell) for cell in cells)
            rank = (known, -place * 100 - row if known else filled)
            if best is None or rank > best[:2]:
                best = (*rank, sheet, row)
    assert best is not None
    return best[2], best[3]


def columns(sheet: SheetTop, row: int, subject: str) -> list[dict[str, Any]]:
    """[{"column": 1, "title": …, "field": code or ""}]: what each column of a line means, as far as we can tell."""
    titles = sheet.titles(row)
    layout = matching_layout(subject)
    options = [[title, *matching.parts(title)] if title else [] for title in titles]
    found, _rivals = matching.match(layout, options, [])
    return [
        {"column": place + 1, "title": text.tidy(title), "field": found[place].field if place in found else ""}
        for place, title in enumerate(titles)
    ]
