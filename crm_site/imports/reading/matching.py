"""Which field of a layout a column means: by its title, by a title like it, or by what stands below, and how surely."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from crm_site.core import text
from crm_site.imports import layout as kinds
from crm_site.imports.layout import Field, Layout
from crm_site.imports.rules import header_key

#: How sure a match is: a known title; a title like a known one, or one of two that claim the field; the content alone.
HIGH, MEDIUM, LOW = "high", "medium", "low"
#: A person has said it, for this file or an earlier one of the same source.
SAID = "said"

#: Titles of other people and papers than the ones that our fields speak of: likeness proves nothing there.
_OTHERS = re.compile(
    r"介绍|推荐|保险公司|担保|紧急|经办|制单|录入|创建|修改|更新|打印|审核|审批|操作员|供应商|厂家|门店|经销商|公司|代办|上次|"
    r"下次|预计|预约|计划|备用|老客户"
)
_BRACKETS = re.compile(r"[(（\[【]([^)）\]】]*)[)）\]】]")
_SPLIT = re.compile(r"[/／\\|或、]")
#: A title longer than this is a sentence.
_LONGEST_TITLE = 24
_SHORTEST_PART = 2
#: A like title must share so large a part of its signs with a known one.
_LIKENESS = 0.4
#: So many filled cells speak for a column, and so large a part of them must fit.
_ENOUGH_CELLS, _FITS, _CONTRADICTS = 3, 0.95, 0.5


@dataclass(frozen=True)
class Match:
    """What a column means, and how surely."""

    field: str
    sure: str


class _Claim(NamedTuple):
    """A column's claim to a field; the greatest wins."""

    strength: float
    fit: float
    filled: int
    column: int
    field: str
    sure: str


def match(
    layout: Layout, titles: Sequence[Sequence[str]], cells: Sequence[Sequence[Any]]
) -> tuple[dict[int, Match], dict[int, str]]:
    """Column → what it means; and column → field for those that claim one which another column has.

    `titles` are each column's possible titles, the best first; `cells` the first cells below each header.
    """
    found: dict[int, Match] = {}
    rivals: dict[int, str] = {}
    claims = [claim for column, options in enumerate(titles) for claim in _by_title(layout, column, options, cells)]
    _settle(claims, found, rivals)
    free = [column for column, options in enumerate(titles) if column not in found and column not in rivals and options]
    taken = {one.field for one in found.values()}
    alike = [claim for column in free for claim in _by_likeness(layout, column, titles[column], cells, taken)]
    _settle(alike, found, rivals)
    _by_content(layout, titles, cells, found, rivals)
    return found, rivals


def known_titles(layout: Layout, titles: Sequence[Sequence[str]]) -> int:
    """How many different fields the titles name for certain: a quick measure of whether a line is a header."""
    return len({name for options in titles for option in options[:2] if option and (name := layout.field_of(option))})


def _settle(claims: list[_Claim], found: dict[int, Match], rivals: dict[int, str]) -> None:
    """Give each field to the column with the best claim; the others are rivals, and a contest makes it less sure."""
    fields = {one.field for one in found.values()}
    for claim in sorted(claims, key=lambda one: (-one.strength, -one.fit, -one.filled, one.column)):
        if claim.column in found:
            continue
        if claim.field in fields:
            rivals.setdefault(claim.column, claim.field)
            continue
        found[claim.column] = Match(claim.field, claim.sure)
        fields.add(claim.field)
        rivals.pop(claim.column, None)
    contested = set(rivals.values())
    for column, one in found.items():
        if one.field in contested and one.sure == HIGH:
            found[column] = Match(one.field, MEDIUM)


def _by_title(layout: Layout, column: int, options: Sequence[str], cells: Sequence[Sequence[Any]]) -> list[_Claim]:
    """The claims of a column whose title is known, or of which a part in or before brackets or beside a slash is."""
    for place, option in enumerate(options):
        name = layout.field_of(option) if option else None
        if name is not None:
            one, values = layout.by_name[name], _column(cells, column)
            return [_claim(one, column, 3 - place / 10 + _rank(one, option), HIGH, values)]
    for option in options:
        names = list(dict.fromkeys(filter(None, (layout.field_of(part) for part in parts(option)))))
        if names:
            sure = HIGH if len(names) == 1 and not _is_about_others(option) else MEDIUM
            values = _column(cells, column)
            return [
                _claim(layout.by_name[name], column, 2 - place / 10, sure, values) for place, name in enumerate(names)
            ]
    return []


def _rank(one: Field, title: str) -> float:
    """Of two known titles of one field the one that the layout names first is the more telling."""
    key = header_key(title)
    aliases = [header_key(alias) for alias in one.aliases]
    return 0.05 / (1 + aliases.index(key)) if key in aliases else 0.0


def _claim(one: Field, column: int, strength: float, sure: str, values: Sequence[Any]) -> _Claim:
    """A claim weighed by the values that stand in the column; those that contradict the title make it doubtful."""
    filled, share = fit(one, values)
    if filled >= _ENOUGH_CELLS and share < _CONTRADICTS:
        return _Claim(strength - 2.5, share, filled, column, one.name, LOW)
    return _Claim(strength, share, filled, column, one.name, sure)


def _by_likeness(
    layout: Layout, column: int, options: Sequence[str], cells: Sequence[Sequence[Any]], taken: set[str]
) -> list[_Claim]:
    """The best claim of a column whose title is like a known one of a field that no column has."""
    best: _Claim | None = None
    for option in options:
        title = header_key(option)
        if not _SHORTEST_PART <= len(title) <= _LONGEST_TITLE or _is_about_others(option):
            continue
        for one in layout.fields:
            score = 0.0 if one.name in taken else max((likeness(title, alias) for alias in one.keys), default=0.0)
            if score >= _LIKENESS and (best is None or score > best.strength):
                best = _claim(one, column, score, MEDIUM, _column(cells, column))
    if best is None or best.sure == LOW:
        return []
    return [best]


@lru_cache(maxsize=65536)
def likeness(title: str, known: str) -> float:
    """How like two normalised titles are, 0 to 1. In Chinese the last word says what it is: 客户手机号 is a 手机号."""
    if len(known) < _SHORTEST_PART or len(title) < _SHORTEST_PART:
        return 0.0
    if title.endswith(known):
        return 0.4 + 0.6 * len(known) / len(title)
    share = len(title) / len(known)
    if known.endswith(title) or (known.startswith(title) and share >= 0.6):
        return 0.2 + 0.6 * share
    if title.startswith(known) and len(title) - len(known) <= 2:
        return 0.6 * len(known) / len(title)
    return 0.0


def _by_content(
    layout: Layout,
    titles: Sequence[Sequence[str]],
    cells: Sequence[Sequence[Any]],
    found: dict[int, Match],
    rivals: Mapping[int, str],
) -> None:
    """A VIN or a plate shows itself; taken as a guess where exactly one column without a meaning can be it."""
    for kind in (kinds.VIN, kinds.PLATE):
        wanted = [one for one in layout.fields if one.kind == kind]
        if len(wanted) != 1 or wanted[0].name in {one.field for one in found.values()}:
            continue
        fitting = [
            column
            for column, options in enumerate(titles)
            if column not in found and column not in rivals and not any(map(_is_about_others, options))
            if _shows_itself(wanted[0], _column(cells, column))
        ]
        if len(fitting) == 1:
            found[fitting[0]] = Match(wanted[0].name, LOW)


def _shows_itself(one: Field, column: Sequence[Any]) -> bool:
    filled, share = fit(one, column)
    return filled >= _ENOUGH_CELLS and share >= _FITS


def parts(title: str) -> list[str]:
    """What a title consists of: without its brackets, within them, on either side of a slash."""
    plain = text.tidy(title)
    pieces = [_BRACKETS.sub("", plain), *_SPLIT.split(_BRACKETS.sub("", plain)), *_BRACKETS.findall(plain)]
    return [piece.strip() for piece in dict.fromkeys(pieces) if piece.strip() and piece.strip() != plain]


def _is_about_others(title: str) -> bool:
    return _OTHERS.search(title) is not None


def _column(cells: Sequence[Sequence[Any]], column: int) -> list[Any]:
    return [row[column] for row in cells if column < len(row)]


# ---- content --------------------------------------------------------------------------------------------------------

_VIN = re.compile(r"[A-Z0-9]{17}")
_PLATE = re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使]·?[A-Z]·?[A-Z0-9]{5,6}")
_PHONE = re.compile(r"\+?\d[\d\s()+/,;、-]{5,40}(?:\.0)?|\d(?:\.\d+)?E\+\d+")
_DATE = re.compile(r"\d{1,4}\s*[-/.年]\s*\d{1,2}|\d{8}|\d{5}(?:\.\d+)?|\d{1,2}[-\s][A-Z]{3}", re.IGNORECASE)
_AMOUNT = re.compile(r"[-+¥￥$]*\s*[\d,]*\.?\d+\s*(?:元|万|公里|KM)?", re.IGNORECASE)


def _is_date(cell: Any) -> bool:
    if isinstance(cell, date):
        return True
    if isinstance(cell, int | float):
        return 10_000 <= cell < 73_051 or 19_000_101 <= cell <= 21_001_231
    return _DATE.match(text.half_width(cell)) is not None


def _written(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    """Whether the text of a cell, without blanks and in capitals, is of a pattern."""

    def fits(cell: Any) -> bool:
        if isinstance(cell, date):
            return False
        return pattern.fullmatch(text.half_width(cell).replace(" ", "").upper()) is not None

    return fits


_TESTS: dict[str, Callable[[Any], bool]] = {
    kinds.VIN: _written(_VIN),
    kinds.PLATE: _written(_PLATE),
    kinds.PHONE: _written(_PHONE),
    kinds.DATE: _is_date,
    kinds.MOMENT: _is_date,
    kinds.MONEY: _written(_AMOUNT),
    kinds.INT: _written(_AMOUNT),
}


def _says_nothing(cell: Any) -> bool:
    return isinstance(cell, str) and (cell[:1] == "#" or "**" in cell)


def fit(one: Field, column: Sequence[Any]) -> tuple[int, float]:
    """How many cells of a column are filled, and what part of them can be of the field's kind; words count as 1.

    Errors and masked numbers are left out: they say nothing about the column.
    """
    filled = [cell for cell in column if not text.is_empty(cell) and not _says_nothing(cell)]
    test = _TESTS.get(one.kind)
    if test is None or not filled:
        return len(filled), 1.0
    return len(filled), sum(map(test, filled)) / len(filled)
