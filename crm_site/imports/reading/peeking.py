"""The first lines of a sheet, kept for choosing header and columns by hand; numbers of people and cars are masked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from crm_site.core import formats, phones, text
from crm_site.imports.reading.reader import Rows

LINES, COLUMNS, SIGNS = 16, 80, 40
#: Lines kept below the header, for three values of each column and some to spare.
BELOW = 6

_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)")
_PERSON = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_VIN = re.compile(r"(?<![A-Za-z0-9])[A-HJ-NPR-Za-hj-npr-z0-9]{17}(?![A-Za-z0-9])")


def top(rows: Rows, header: int | None) -> list[list[Any]]:
    """[[number, [text, …]], …]: the first lines of a sheet, at least those around its header."""
    last = (header or 0) + BELOW
    kept = [row for place, row in enumerate(rows) if place < LINES or row[0] <= last]
    return [[number, [shown(cell) for cell in cells[:COLUMNS]]] for number, cells in kept]


def shown(cell: Any) -> str:
    """A cell in a few signs; phones, identity numbers and VINs masked."""
    written = text.tidy(cell)[: SIGNS * 2]
    if len(written) >= 7:
        written = _PERSON.sub(lambda found: found[0][:3] + "*" * 11 + found[0][-4:], written)
        written = _MOBILE.sub(lambda found: phones.mask(re.sub(r"\D", "", found[0])), written)
        written = _VIN.sub(lambda found: formats.masked_vin(found[0].upper()), written)
    return written[:SIGNS]


def samples(lines: Sequence[Sequence[Any]], header: int, column: int, most: int = 3) -> list[str]:
    """The first different values that stand in a column below the header."""
    found = [cells[column] for number, cells in lines if number > header and column < len(cells) and cells[column]]
    return list(dict.fromkeys(found))[:most]
