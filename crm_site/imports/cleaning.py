"""Turns raw cells into clean values, each by its field's kind, and writes down what was wrong or mended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crm_site.core import text
from crm_site.core.errors import RuleBroken
from crm_site.imports import cells as reading
from crm_site.imports import damage
from crm_site.imports import layout as kinds
from crm_site.imports.cells import Column, Refused
from crm_site.imports.layout import Layout, Row

__all__ = ["Cleaner", "Refused", "clean_row", "decode", "encode"]

#: Values of one column that are remembered with what was found in them; files repeat themselves.
REMEMBERED = 4_000
_LONGEST_REMEMBERED = 60
_REPEATING = frozenset(
    {kinds.TEXT, kinds.DATE, kinds.MOMENT, kinds.MONEY, kinds.INT, kinds.YESNO, kinds.CHOICE, kinds.EMPLOYEE}
)


class Cleaner:
    """Cleans the rows of one sheet.

    `mapping` is column → field name; `answers` what a person has said of the file (see docs/importing.md): the order
    of dates, the meaning of words, corrected cells. Call `look_back` after some thousand rows and at the sheet's end.
    """

    def __init__(
        self,
        layout: Layout,
        mapping: Mapping[int, str],
        *,
        is_1904: bool = False,
        answers: Mapping[str, Any] | None = None,
    ) -> None:
        said = answers or {}
        self.layout = layout
        self._cells: Mapping[str, Mapping[str, str]] = said.get("cells") or {}
        self._required = tuple(one.name for one in layout.fields if one.required)
        orders, words = said.get("date_order") or {}, said.get("values") or {}
        self._columns = [
            _Known(
                place,
                name,
                layout.by_name[name].words_in,
                Column(layout.by_name[name], is_1904, orders.get(name, ""), words.get(name) or {}),
                {} if layout.by_name[name].kind in _REPEATING else None,
                damage.Widths() if layout.by_name[name].kind == kinds.CODE else None,
                reading.READ[layout.by_name[name].kind],
                damage.Swaps() if layout.by_name[name].kind in (kinds.DATE, kinds.MOMENT) else None,
            )
            for place, name in mapping.items()
        ]

    def row(self, cells: Sequence[Any], *, sheet: str, number: int) -> Row:
        """The row with clean values.

        A required cell that is empty and a strict one that cannot be read are problems; everything else is a warning.
        A cell that a person has corrected is read instead of what stands there.
        """
        row = Row(sheet=sheet, number=number, values={}, raw=list(cells))
        typed = self._cells.get(f"{sheet}!{number}") if self._cells else None
        width, values = len(cells), row.values
        for known in self._columns:
            name = known.name
            cell = cells[known.place] if known.place < width else None
            if typed is not None and name in typed:
                cell = typed[name]
            if cell is None or cell == "":
                values[name] = None
            elif known.memory is not None and type(cell) is str:
                values[name] = known.recall(row, cell)
            else:
                values[name] = known.clean(row, cell)
            if known.words_in and not text.is_empty(cell):
                values[known.words_in] = text.tidy(cell)
        self._check_required(row)
        if self.layout.finish is not None:
            self.layout.finish(row)
        return row

    def look_back(self) -> None:
        """Warn of cells cleaned since the last call that only their neighbours give away: lost zeros, swapped days."""
        for known in self._columns:
            known.look_back()

    def _check_required(self, row: Row) -> None:
        for name in self._required:
            value = row.values.get(name)
            if not value and value in (None, [], "") and not row.is_refused_for(name):
                row.problem("required", name)


@dataclass(slots=True)
class _Known:
    """A column with what its earlier cells have taught."""

    place: int
    name: str
    words_in: str
    column: Column
    memory: dict[str, tuple[Any, list[dict[str, Any]]]] | None
    widths: damage.Widths | None
    #: what reads a cell of the column's kind, looked up once
    read: reading.Read
    #: in a column of days, what may tell that a spreadsheet has swapped day and month
    swaps: damage.Swaps | None = None
    #: rows since the last look back whose cell is a bare number
    bare: list[tuple[Row, str]] = field(default_factory=list)

    def clean(self, row: Row, cell: Any) -> Any:
        """One clean value; None when empty or unreadable."""
        value = self._read(row, cell)
        if self.swaps is not None and isinstance(cell, date) and not self.swaps.see(row, cell):
            self.swaps = None
        if self.widths is not None and type(value) is str and value.isdecimal():
            self.widths.see(value)
            self.bare.append((row, value))
        return value

    def recall(self, row: Row, cell: str) -> Any:
        """The clean value of a text, and what was found in it: from memory where the column had the same before."""
        assert self.memory is not None
        known = self.memory.get(cell)
        if known is None:
            return self._learn(row, cell, self.memory)
        value, found = known
        if found:
            row.findings += found
        return value

    def _learn(self, row: Row, cell: str, memory: dict[str, tuple[Any, list[dict[str, Any]]]]) -> Any:
        """The clean value of a text that is new to the column."""
        before = len(row.findings)
        value = self._read(row, cell)
        if self.swaps is not None:
            self.swaps.hear(cell)
        if len(cell) <= _LONGEST_REMEMBERED:
            if len(memory) >= REMEMBERED:
                memory.clear()
            memory[cell] = (value, row.findings[before:])
        return value

    def _read(self, row: Row, cell: Any) -> Any:
        """The value of a cell; None when empty or unreadable (then a finding says so)."""
        try:
            if type(cell) is str and cell[0] == "#" and (code := damage.broken_formula(cell)):
                raise Refused(code)
            return self.read(row, self.column, cell)
        except Refused as refused:
            code, more = refused.code, refused.more
        except RuleBroken as broken:
            code, more = broken.code or "unreadable", {}
        one, shown = self.column.field, "" if cell == damage.FORMULA else cell
        (row.problem if one.strict else row.warn)(code, one.name, shown, **more)
        return None

    def look_back(self) -> None:
        """Say of earlier rows what only their neighbours tell."""
        for row, day in self.swaps.doubtful() if self.swaps is not None else ():
            swapped = day.replace(month=day.day, day=day.month)
            row.warn("date_swapped", self.column.field.name, day.isoformat(), suggestion=swapped.isoformat())
        width = self.widths.expected() if self.widths is not None else 0
        for row, digits in self.bare if width else ():
            if len(digits) < width:
                row.warn("zeros_lost", self.column.field.name, digits, suggestion=digits.zfill(width), width=width)
        self.bare = []


def clean_row(
    layout: Layout, mapping: Mapping[int, str], cells: Sequence[Any], *, sheet: str, number: int, is_1904: bool = False
) -> Row:
    """One row by itself, as `Cleaner.row` gives it."""
    return Cleaner(layout, mapping, is_1904=is_1904).row(cells, sheet=sheet, number=number)


_ENCODE: dict[str, Callable[[Any], Any]] = {
    kinds.DATE: date.isoformat,
    kinds.MOMENT: datetime.isoformat,
    kinds.MONEY: str,
    kinds.DECIMAL: str,
}
_DECODE: dict[str, Callable[[Any], Any]] = {
    kinds.DATE: date.fromisoformat,
    kinds.MOMENT: datetime.fromisoformat,
    kinds.MONEY: Decimal,
    kinds.DECIMAL: Decimal,
}


def encode(layout: Layout, values: Mapping[str, Any]) -> dict[str, Any]:
    """Clean values as plain JSON: days and moments in ISO form, money as text. Also what `source_values` hold."""
    return _through(_ENCODE, layout, dict(values))


def decode(layout: Layout, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The clean values again; what the layout no longer knows is left out."""
    known = layout.by_name
    return _through(_DECODE, layout, {name: value for name, value in stored.items() if name in known})


def _through(table: dict[str, Callable[[Any], Any]], layout: Layout, values: dict[str, Any]) -> dict[str, Any]:
    """The values, those of the kinds that need it converted."""
    for kind, convert in table.items():
        for name in layout.by_kind.get(kind, ()):
            if (value := values.get(name)) is not None:
                values[name] = convert(value)
    return values
