"""One part of an evidence pack: a table that people read as HTML and machines as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crm_site.core import clock

Row = Sequence[Any]


@dataclass(frozen=True)
class Section:
    """A table with its title; `code` names it in JSON, `columns` are (code, words); without words for machines only."""

    code: str
    title: str
    columns: Sequence[tuple[str, str]]
    rows: Sequence[Row]
    #: said under the title, such as what is not kept here
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """The table with codes as keys and moments with their time zone."""
        keys = [code for code, _words in self.columns]
        return {
            "title": self.title,
            "note": self.note,
            "rows": [dict(zip(keys, map(plain, row), strict=True)) for row in self.rows],
        }

    @property
    def headings(self) -> list[str]:
        """The words above the columns that people read."""
        return [words for _code, words in self.columns if words]

    def as_texts(self) -> list[list[str]]:
        """The rows as people read them."""
        shown = [bool(words) for _code, words in self.columns]
        return [[text(value) for value, show in zip(row, shown, strict=True) if show] for row in self.rows]


def plain(value: Any) -> Any:
    """A value as JSON holds it: local time with its offset, amounts as text."""
    if isinstance(value, datetime):
        return clock.local(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value if value is None or isinstance(value, str | int | bool | list | dict) else str(value)


def text(value: Any) -> str:
    """A value as people read it; nothing known is empty."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{clock.local(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, list):
        return "; ".join(text(one) for one in value)
    return str(plain(value))
