"""Finds the header of a sheet below titles and instructions, in one line or two, and what its columns mean."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crm_site.core import text
from crm_site.imports.layout import Layout
from crm_site.imports.reading import matching
from crm_site.imports.reading.matching import Match
from crm_site.imports.reading.reader import Rows
from crm_site.imports.rules import header_key, is_hint_line

#: A header is looked for in so many filled rows from the top.
LOOK_INTO = 30
LEAST_FIELDS = 2
#: Without any line of known titles, one with so many like titles is taken for the header.
LEAST_ALIKE = 3
#: A list that lacks a column it cannot do without counts this much less: better the right one with a question.
_INCOMPLETE = 0.6

Spans = Sequence[tuple[int, int, int, int]]


@dataclass(frozen=True)
class Wish:
    """What is known of a sheet beforehand: said by a person for this file, or kept from an earlier one."""

    #: the number of the header's (last) line
    row: int | None = None
    #: title → field name, '' for a column that is not imported
    columns: Mapping[str, str] = field(default_factory=dict)
    #: columns (from 0) that are left out because they are hidden
    hidden: frozenset[int] = frozenset()
    #: signature of a header → code of its layout and what was said of its columns
    sources: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Header:
    """Where the header is and what it means."""

    layout: Layout
    #: number of its (last) line as people count
    row: int
    #: title of each column as it stands, a two-line one as "客户信息 ▸ 姓名"
    titles: tuple[str, ...]
    #: column (from 0) → what it means
    matches: Mapping[int, Match]
    #: column → the field that it also claims, but another column has
    rivals: Mapping[int, str] = field(default_factory=dict)

    @property
    def mapping(self) -> dict[int, str]:
        """Column → field name."""
        return {column: one.field for column, one in self.matches.items()}

    @property
    def missing(self) -> list[str]:
        """Names of required fields that it lacks."""
        return self.layout.missing(list(self.mapping.values()))

    @property
    def rank(self) -> float:
        """The one that means most."""
        return len(self.matches) * (_INCOMPLETE if self.missing else 1.0)

    @property
    def labels(self) -> list[str]:
        """The titles, each once: a second "电话" is "电话 (2)"."""
        return labels(self.titles)

    @property
    def signature(self) -> str:
        """What files of the same source have in common: their titles in their order."""
        return signature(self.titles)

    def repeats(self, cells: Sequence[Any]) -> bool:
        """Whether a later row is the header again, as at the top of each printed page: its known titles stand there."""
        for column in self.matches:
            own = self.titles[column].rpartition(" ▸ ")[2]
            cell = cells[column] if column < len(cells) else None
            if not isinstance(cell, str) or text.tidy(cell) != own:
                return False
        return bool(self.matches)


def labels(titles: Sequence[str]) -> list[str]:
    """Titles of which none stands twice; a column without one is called by its letters, "[C]"."""
    seen: dict[str, int] = {}
    found = []
    for column, written in enumerate(titles):
        title = written or untitled(column)
        seen[title] = seen.get(title, 0) + 1
        found.append(f"{title} ({seen[title]})" if seen[title] > 1 else title)
    return found


def untitled(column: int) -> str:
    """What a column without a title is called."""
    return f"[{letter(column)}]"


def letter(column: int) -> str:
    """A column's letters as spreadsheets show them: 0 is A, 26 is AA."""
    name, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def signature(titles: Sequence[str]) -> str:
    """A hash of the normalised titles in their order."""
    keys = [header_key(title) for title in titles]
    while keys and not keys[-1]:
        keys.pop()
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


@dataclass(frozen=True)
class _Line:
    """A line that may be the header: its number, titles as shown, the titles to try for each column."""

    number: int
    titles: tuple[str, ...]
    options: list[list[str]]
    #: the first rows below it
    below: list[list[Any]]


def find(
    layouts: Iterable[Layout], rows: Rows, merged: Iterable[tuple[int, int, int, int]], wish: Wish
) -> Header | None:
    """The best header for any of the layouts among the first rows; None where nothing looks like one.

    `merged` are the sheet's merged ranges, counted from 0. The result may still lack required columns.
    """
    known = list(layouts)
    lines = list(_lines(rows, list(merged)))
    if wish.row is not None:
        lines = [line for line in lines if line.number == wish.row]
    found = _by_source(known, lines, wish)
    if found is None:
        read = [_read(one, line, wish) for one, line in _candidates(known, lines, wish)]
        found = max(read, key=lambda header: header.rank, default=None)
    return found


def _by_source(known: Sequence[Layout], lines: Sequence[_Line], wish: Wish) -> Header | None:
    """The header of a source that a person has explained before, with what was said then (and said now)."""
    by_code = {one.code: one for one in known}
    for line in lines:
        code, columns = wish.sources.get(signature(line.titles), ("", {}))
        if code in by_code:
            return _read(by_code[code], line, replace(wish, columns={**columns, **wish.columns}))
    return None


def _candidates(known: Sequence[Layout], lines: Sequence[_Line], wish: Wish) -> list[tuple[Layout, _Line]]:
    """For each layout the line that names most of its fields; where no line does so, those of like titles."""
    least = 0 if wish.row is not None else LEAST_FIELDS
    found = []
    for one in known:
        counted = [(matching.known_titles(one, line.options), line) for line in lines]
        number, line = max(counted, key=lambda item: item[0], default=(-1, None))
        if line is not None and number >= least:
            found.append((one, line))
    if found:
        return found
    return [(one, line) for one in known for line in lines if _is_alike(one, line)]


def _is_alike(layout: Layout, line: _Line) -> bool:
    """Whether a line without known titles has several that are like some."""
    filled = [options for options in line.options if any(options)]
    if len(filled) < LEAST_ALIKE or len(filled) > 100:
        return False
    return len(matching.match(layout, line.options, [])[0]) >= LEAST_ALIKE


def _read(layout: Layout, line: _Line, wish: Wish) -> Header:
    """The header that a line is for a layout: what its columns mean, what a person has said going first."""
    options = [[] if column in wish.hidden else each for column, each in enumerate(line.options)]
    matches, rivals = matching.match(layout, options, line.below)
    said_of: set[int] = set()
    for column in wish.hidden:
        matches.pop(column, None)
    for column, label in enumerate(labels(line.titles)):
        said = wish.columns.get(label) if label else None
        if said is None or column in wish.hidden:
            continue
        matches.pop(column, None)
        rivals.pop(column, None)
        if said in layout.by_name:
            matches = {place: one for place, one in matches.items() if one.field != said or place in said_of}
            matches[column] = Match(said, matching.SAID)
            said_of.add(column)
    return Header(layout, line.number, line.titles, dict(sorted(matches.items())), rivals)


def _lines(rows: Rows, spans: Spans) -> Iterator[_Line]:
    """Every line that may be a header, alone and together with the one above it."""
    top = [(number, [text.tidy(cell) for cell in cells]) for number, cells in rows[:LOOK_INTO]]
    for position, (number, titles) in enumerate(top):
        below = [cells for _number, cells in rows[position + 1 :]]
        if below and is_hint_line(below[0]):
            below = below[1:]
        yield _Line(number, tuple(titles), [[title] for title in titles], below)
        if position and top[position - 1][0] == number - 1:
            shown, options = _two_lines(top[position - 1], titles, spans)
            if shown != titles:
                yield _Line(number, tuple(shown), options, below)


def _two_lines(above: tuple[int, list[str]], lower: list[str], spans: Spans) -> tuple[list[str], list[list[str]]]:
    """The titles of a header whose upper line names groups: "送修人" over "姓名" and "电话"."""
    upper_number, upper = above
    groups = _spread(upper_number - 1, upper, spans, max(len(upper), len(lower)))
    titles, options = [], []
    for column, group in enumerate(groups):
        own = lower[column] if column < len(lower) else ""
        titles.append(f"{group} ▸ {own}" if group and own and group != own else own or group)
        options.append([group + own, own] if own else [group])
    return titles, options


def _spread(row: int, titles: list[str], spans: Spans, width: int) -> list[str]:
    """The titles of a line with those of merged cells repeated over the columns that they cover."""
    spread = [*titles, *[""] * (width - len(titles))]
    for top, left, bottom, right in spans:
        if top <= row <= bottom and left < width:
            for column in range(left, min(right + 1, width)):
                spread[column] = spread[left]
    return spread
