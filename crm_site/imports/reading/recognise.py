"""Finds the header of a sheet below titles and instructions, in one line or two, and what its columns mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crm_site.core import text
from crm_site.imports.layout import Layout
from crm_site.imports.reading.reader import Rows

#: A header is looked for in so many filled rows from the top.
LOOK_INTO = 30
LEAST_FIELDS = 2


@dataclass(frozen=True)
class Header:
    """Where the header is and what it means."""

    layout: Layout
    #: number of its (last) line as people count
    row: int
    #: title of each column as it stands, a two-line one as "客户信息 ▸ 姓名"
    titles: tuple[str, ...]
    #: column (from 0) → field name
    mapping: dict[int, str]

    @property
    def missing(self) -> list[str]:
        """Names of required fields that it lacks."""
        return self.layout.missing(list(self.mapping.values()))

    @property
    def rank(self) -> tuple[bool, int]:
        """Complete ones first, then the one that means most."""
        return (not self.missing, len(self.mapping))

    def repeats(self, cells: Sequence[Any]) -> bool:
        """Whether a later row is the header again, as at the top of each printed page: its known titles stand there."""
        for column in self.mapping:
            own = self.titles[column].rpartition(" ▸ ")[2]
            cell = cells[column] if column < len(cells) else None
            if not isinstance(cell, str) or text.tidy(cell) != own:
                return False
        return True


def find(layouts: Iterable[Layout], rows: Rows, merged: Iterable[tuple[int, int, int, int]]) -> Header | None:
    """The best header for any of the layouts among the first rows; None where nothing looks like one.

    `merged` are the sheet's merged ranges, counted from 0. The result may still lack required columns.
    """
    spans = list(merged)
    lines = [(number, [text.tidy(cell) for cell in cells]) for number, cells in rows[:LOOK_INTO]]
    best: Header | None = None
    for layout in layouts:
        for position, (number, titles) in enumerate(lines):
            found = [_one_line(layout, number, titles)]
            if position:
                found.append(_two_lines(layout, lines[position - 1], (number, titles), spans))
            for header in filter(None, found):
                if best is None or header.rank > best.rank:
                    best = header
    return best


def _one_line(layout: Layout, number: int, titles: list[str]) -> Header | None:
    return _header(layout, number, titles, [[title] for title in titles])


def _two_lines(
    layout: Layout, above: tuple[int, list[str]], below: tuple[int, list[str]], spans: list[tuple[int, int, int, int]]
) -> Header | None:
    """A header whose upper line names groups: "送修人" over "姓名" and "电话"."""
    upper_number, upper = above
    number, lower = below
    if upper_number != number - 1:
        return None
    groups = _spread(upper_number - 1, upper, spans, max(len(upper), len(lower)))
    titles, candidates = [], []
    for column, group in enumerate(groups):
        own = lower[column] if column < len(lower) else ""
        titles.append(f"{group} ▸ {own}" if group and own and group != own else own or group)
        candidates.append([group + own, own] if own else [group])
    return _header(layout, number, titles, candidates)


def _spread(row: int, titles: list[str], spans: list[tuple[int, int, int, int]], width: int) -> list[str]:
    """The titles of a line with those of merged cells repeated over the columns that they cover."""
    spread = [*titles, *[""] * (width - len(titles))]
    for top, left, bottom, right in spans:
        if top <= row <= bottom and left < width:
            for column in range(left, min(right + 1, width)):
                spread[column] = spread[left]
    return spread


def _header(layout: Layout, number: int, titles: list[str], candidates: list[list[str]]) -> Header | None:
    """A header if enough of its titles are known; the first column that means a field has it."""
    mapping: dict[int, str] = {}
    for column, options in enumerate(candidates):
        meant = next((name for option in options if option and (name := layout.field_of(option))), None)
        if meant is not None and meant not in mapping.values():
            mapping[column] = meant
    if len(mapping) < LEAST_FIELDS:
        return None
    return Header(layout, number, tuple(titles), mapping)
