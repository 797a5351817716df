"""What the child tells of a sheet: its rows, in messages that stay small whatever stands in the cells.

A workbook of some kilobytes may point half a million cells to one long text: it is the messages that unfold it, and
whoever hears them holds a message at a time. Loaded by the child as a plain script's neighbour: standard library only.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from math import isfinite

MAX_COLUMNS = 500
MAX_ROWS = 200_000
LONGEST_CELL = 32_767
#: A message ends after so many rows, or so many signs in their texts.
LINE_ROWS, LINE_SIGNS = 500, 1_000_000
#: The texts of one row together: eight full cells, or five hundred of a sentence or two each.
MAX_ROW_SIGNS = 8 * LONGEST_CELL
#: All messages together, as they are written; 200,000 rows of a list take a tenth.
MAX_WRITTEN = 1 << 30
#: What is told of a sheet that is not taken.
SAMPLE_ROWS, SAMPLE_SIGNS = 30, 500
_EXACT = 10**15


class Refused(Exception):
    """The file cannot be read; the code is turned into words by the web page."""


def rows(found: Iterator[list]) -> Iterator[dict]:
    """Rows that hold anything, some hundred a message, with their number as people count (from 1)."""
    batch, taken, signs = [], 0, 0
    for number, cells in enumerate(found, start=1):
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
        length = sum([len(value) for value in plain if type(value) is str])
        if length > MAX_ROW_SIGNS:
            raise Refused("too_heavy")
        batch.append([number, plain])
        signs += length
        if len(batch) == LINE_ROWS or signs >= LINE_SIGNS:
            yield {"rows": batch}
            batch, signs = [], 0
    if batch:
        yield {"rows": batch}


def sample(found: Iterator[list]) -> Iterator[dict]:
    """The beginning of a sheet that is not taken, whatever its size."""
    yield from rows(
        [cell[:SAMPLE_SIGNS] if isinstance(cell, str) else cell for cell in cells[:MAX_COLUMNS]]
        for cells in islice(found, SAMPLE_ROWS)
    )


def written(messages: Iterator[dict]) -> Iterator[str]:
    """The messages as lines, until they are more than any list comes to."""
    total = 0
    for message in messages:
        told = line(message)
        total += len(told)
        if total > MAX_WRITTEN:
            raise Refused("too_heavy")
        yield told


def line(message: dict) -> str:
    """A message as a line of JSON."""
    return json.dumps(message, ensure_ascii=True, separators=(",", ":")) + "\n"


def _cell(value: object) -> object:
    """One cell as JSON has it: whole floats as numbers without a fraction, days and moments as marked lists."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        written = value.replace("\0", "\ufffd") if "\0" in value else value  # no database holds a NUL
        return written[:LONGEST_CELL] if written.strip() else None
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        if not isfinite(value):
            return "#NUM!"
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if isinstance(value, datetime):
        return ["m", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    return str(value)
