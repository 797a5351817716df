"""What reading a file gathers over all its rows: findings by kind, questions to ask once, and the days it covers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from crm_site.core import clock, dates
from crm_site.imports import layout as kinds
from crm_site.imports import rules
from crm_site.imports.layout import Layout, Row

#: Examples kept of each kind of finding and of each question.
EXAMPLES = 3
#: So many different words of one field are asked about, the frequent ones first.
MOST_WORDS = 40
#: So many different words are counted at all: a column of prose is no list of choices.
_MOST_COUNTED = 2_000

_orders = lru_cache(maxsize=20_000)(dates.orders)


class Findings:
    """What was found in the file, by kind: how often, and where first."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str, str], dict[str, Any]] = {}

    def add(self, row: Row) -> None:
        """Count the findings of a row."""
        for one in row.findings:
            key = (one["severity"], one["code"], one["field"])
            kind = self._kinds.get(key)
            if kind is None:
                kind = self._kinds[key] = {"count": 0, "examples": []}
            kind["count"] += 1
            if len(kind["examples"]) < EXAMPLES:
                kind["examples"].append([row.sheet, row.number, one["value"], one.get("new", "")])

    def as_list(self) -> list[dict[str, Any]]:
        """Plain JSON, the grave ones first."""
        order = {rules.PROBLEM: 0, rules.WARNING: 1, rules.FIXED: 2}
        kinds = sorted(self._kinds.items(), key=lambda item: (order.get(item[0][0], 3), -item[1]["count"]))
        return [{"severity": key[0], "code": key[1], "field": key[2], **kind} for key, kind in kinds]


class Questions:
    """What a person has to say once for the whole file.

    Words of a list that are not known, names of employees, dates that can be read two ways, amounts of several lines.
    """

    def __init__(self) -> None:
        self._words: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._places: dict[tuple[str, str, str], list[Any]] = {}
        self._unsaid: set[str] = set()
        self._doubtful: dict[str, dict[str, Any]] = {}
        self._only: dict[str, Counter[str]] = defaultdict(Counter)
        self._amounts: dict[str, Any] = {"count": 0, "examples": []}

    def look(self, columns: Sequence[tuple[int, str]], cells: Sequence[Any]) -> None:
        """Count how the dates of a row can only be read; `columns` are places and fields of days and moments."""
        for place, name in columns:
            cell = cells[place] if place < len(cells) else None
            if type(cell) is str and len(cell) > 5 and not cell[:4].isdigit():
                orders = _orders(cell[:60])
                if len(orders) == 1:
                    self._only[name][next(iter(orders))] += 1

    def add(self, row: Row) -> None:
        """Take what a row's findings ask."""
        for one in row.findings:
            code, name = one["code"], one["field"]
            if code in ("choice_unknown", "yesno_unknown"):
                self._count("value", name, one["value"], row)
            elif one.get("asks"):  # what the file does not say at all, such as the scale of a survey
                self._count("value", name, one["value"], row)
                self._unsaid.add(name)
            elif code in ("employee_unknown", "employee_ambiguous"):
                self._count("employee", "", one["value"], row)
            elif code == "date_ambiguous":
                _example(self._doubtful.setdefault(name, {"count": 0, "examples": []}), row, one["value"])
            elif code == "order_lines" and one.get("doubt"):
                _example(self._amounts, row, one["value"])

    def _count(self, kind: str, name: str, word: str, row: Row) -> None:
        words = self._words[kind, name]
        if len(words) < _MOST_COUNTED or word in words:
            words[word] += 1
            self._places.setdefault((kind, name, word), [row.sheet, row.number])

    def as_list(self) -> list[dict[str, Any]]:
        """Plain JSON: dates first, then amounts, words, names."""
        asked = [
            {"kind": "date_order", "field": name, **found, "only": dict(self._only[name])}
            for name, found in (self._doubtful | self._mixed()).items()
        ]
        if self._amounts["count"]:
            asked.append({"kind": "amounts", "field": "", **self._amounts})
        for (kind, name), words in sorted(self._words.items(), key=lambda item: item[0], reverse=True):
            listed = [[word, often, *self._places[kind, name, word]] for word, often in words.most_common(MOST_WORDS)]
            more = {"others": max(0, len(words) - MOST_WORDS)} | ({"unsaid": True} if name in self._unsaid else {})
            asked.append({"kind": kind, "field": name, "words": listed, **more})
        return asked

    def _mixed(self) -> dict[str, dict[str, Any]]:
        """Columns in which some dates can only be read day first and others only month first: one of them is wrong."""
        mixed = (name for name, only in self._only.items() if only["dmy"] and only["mdy"])
        return {name: {"count": 0, "examples": []} for name in mixed if name not in self._doubtful}


def _example(found: dict[str, Any], row: Row, value: Any) -> None:
    found["count"] += 1
    if len(found["examples"]) < EXAMPLES:
        found["examples"].append([row.sheet, row.number, value])


class Days:
    """The first and the last business day of which a file holds rows."""

    def __init__(self) -> None:
        self.first: date | None = None
        self.last: date | None = None

    def add(self, day: Any) -> None:
        """Take the day of a row; a moment counts for its business day, nothing for nothing."""
        if isinstance(day, datetime):
            day = clock.business_day(day)
        if not isinstance(day, date):
            return
        self.first = day if self.first is None else min(self.first, day)
        self.last = day if self.last is None else max(self.last, day)

    def as_list(self) -> list[str]:
        """[first, last] in ISO form, [] for a file without days."""
        return [self.first.isoformat(), self.last.isoformat()] if self.first and self.last else []


def date_columns(layout: Layout, mapping: Mapping[int, str], answered: Mapping[str, str]) -> list[tuple[int, str]]:
    """Place and field of each column of days or moments whose order nobody has said."""
    return [
        (place, name)
        for place, name in mapping.items()
        if layout.by_name[name].kind in (kinds.DATE, kinds.MOMENT) and name not in answered
    ]
