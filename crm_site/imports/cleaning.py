"""Turns raw cells into clean values, each by its field's kind, and writes down what was wrong or mended."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crm_site.core import dates, names, numbers, phones, plates, text, vins
from crm_site.core.errors import RuleBroken
from crm_site.core.verdicts import Verdict
from crm_site.imports import layout as kinds
from crm_site.imports.layout import Field, Layout, Row
from crm_site.imports.rules import header_key

YES = frozenset({"是", "有", "y", "yes", "true", "1", "√", "✓", "同意", "已投保", "本店", "对"})
NO = frozenset({"否", "没有", "不", "n", "no", "false", "0", "×", "x", "不同意", "未投保", "外店", "错"})


class Refused(Exception):
    """A cell that cannot be read as its kind; `code` says why, `suggestion` is a repair to propose."""

    def __init__(self, code: str, suggestion: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.suggestion = suggestion


def clean_row(
    layout: Layout, mapping: Mapping[int, str], cells: Sequence[Any], *, sheet: str, number: int, is_1904: bool = False
) -> Row:
    """The row with clean values; `mapping` is column → field name, `cells` what the reader gave.

    A required cell that is empty and a strict one that cannot be read are problems; everything else is a warning.
    """
    row = Row(sheet=sheet, number=number, values={}, raw=list(cells))
    for column, name in mapping.items():
        cell = cells[column] if column < len(cells) else None
        row.values[name] = _clean_cell(row, layout.by_name[name], cell, is_1904=is_1904)
    for one in layout.fields:
        already = any(finding["field"] == one.name for finding in row.findings)
        if one.required and not already and row.values.get(one.name) in (None, [], ""):
            row.problem("required", one.name)
    if layout.finish is not None:
        layout.finish(row)
    return row


def _clean_cell(row: Row, one: Field, cell: Any, *, is_1904: bool) -> Any:
    """One clean value; None when empty or unreadable (then a finding says so)."""
    if cell is None or cell == "":
        return None
    try:
        if one.kind in (kinds.DATE, kinds.MOMENT):
            return _READ_TIME[one.kind](cell, is_1904)
        return _READ[one.kind](row, one, cell)
    except Refused as refused:
        find = row.problem if one.strict else row.warn
        more = {"suggestion": refused.suggestion} if refused.suggestion else {}
        find(refused.code, one.name, cell, **more)
    except RuleBroken as broken:
        find = row.problem if one.strict else row.warn
        find(broken.code or "unreadable", one.name, cell)
    return None


def _text(row: Row, one: Field, cell: Any) -> str | None:
    """Prose, shortened with a warning where it is longer than its column; a whole one is kept as it stands."""
    if text.is_empty(cell):
        return None
    if one.whole:
        return _whole(row, one, cell)
    written = text.tidy(cell)
    if len(written) > one.max_length:
        row.warn("text_long", one.name, written[:40], limit=one.max_length)
        written = written[: one.max_length]
    return written


def _whole(row: Row, one: Field, cell: Any) -> str:
    """A text of which no sign is lost: its lines, blanks and end; only what a database cannot hold is left out."""
    written = text.cell_text(cell).replace("\r\n", "\n").replace("\x00", "")
    if len(written) > one.max_length:
        row.warn("text_kept_long", one.name, written[:40], limit=one.max_length)
    return written


def _code(row: Row, one: Field, cell: Any) -> str | None:
    """A number of an order, a person, a customer: half-width, no blanks; a rounded one is refused."""
    if isinstance(cell, float) and (abs(cell) >= 10**numbers.EXACT_DIGITS or not cell.is_integer()):
        raise Refused("number_rounded")
    if text.is_empty(cell):
        return None
    written = text.half_width(cell).replace(" ", "")
    if len(written) > one.max_length:
        raise Refused("text_too_long")
    return written


def _judged(row: Row, one: Field, found: Verdict, cell: Any) -> str | None:
    """The clean value of a verdict; its warning is kept, its refusal raised."""
    if found.code == "empty":
        return None
    if found.is_refused:
        raise Refused(found.code, found.suggestion)
    if not found.is_ok:
        row.warn(found.code, one.name, cell)
    return found.value or None


def _name(row: Row, one: Field, cell: Any) -> str | None:
    name = _judged(row, one, names.verdict(cell), cell)
    if name is not None and len(name) > one.max_length:
        raise Refused("text_too_long")
    return name


def _vin(row: Row, one: Field, cell: Any) -> str | None:
    return _judged(row, one, vins.verdict(cell), cell)


def _plate(row: Row, one: Field, cell: Any) -> str | None:
    return _judged(row, one, plates.verdict(cell), cell)


def _phones(row: Row, one: Field, cell: Any) -> list[str]:
    """The numbers in the cell; several are noted, undiallable ones are said."""
    found = phones.verdicts(cell)
    usable = list(dict.fromkeys(each.value for each in found if not each.is_refused))
    for each in found:
        if each.is_refused and (usable or not one.strict):
            row.warn(each.code, one.name, cell)
        elif each.is_refused:
            raise Refused(each.code)
        elif not each.is_ok:
            row.warn(each.code, one.name, cell)
    if len(usable) > 1:
        row.mended("phone_several_split", one.name, cell)
    return usable


def _money(_row: Row, _one: Field, cell: Any) -> Decimal | None:
    return numbers.parse_money(cell)


def _decimal(_row: Row, _one: Field, cell: Any) -> Decimal | None:
    """An exact number, such as a score of 86.35."""
    return numbers.parse_decimal(cell)


def _int(_row: Row, _one: Field, cell: Any) -> int | None:
    """A whole number that the database can hold; an odometer of 12,345.6 km is 12,345."""
    value = numbers.parse_decimal(cell)
    if value is None:
        return None
    if not 0 <= value < 10**9:
        raise Refused("number_range")
    return int(value)


def _yesno(_row: Row, _one: Field, cell: Any) -> bool | None:
    if isinstance(cell, bool):
        return cell
    if text.half_width(cell) in ("", "-", "/"):
        return None
    word = text.half_width(cell).casefold()
    if word in YES or word in NO or word == "无":
        return word in YES
    raise Refused("yesno_unknown")


_BETWEEN = re.compile(r"[,，、;；|/\n]+")


def _choice(row: Row, one: Field, cell: Any) -> str | None:
    """The code of the word in the cell, whose own spelling is kept beside it where the field says so."""
    if text.is_empty(cell):
        return None
    if one.words_in:
        row.values[one.words_in] = text.tidy(cell)
    code = one.choice_keys.get(header_key(cell)) or (_first_of_several(row, one, cell) if one.several else None)
    if code is None:
        raise Refused("choice_unknown")
    return code


def _first_of_several(row: Row, one: Field, cell: Any) -> str | None:
    """Of several words in one cell the first that is known; said, as the others are only kept as words."""
    words = [word for word in _BETWEEN.split(text.tidy(cell)) if word.strip()]
    code = next((one.choice_keys[key] for key in map(header_key, words) if key in one.choice_keys), None)
    if code is not None and len(words) > 1:
        row.mended("choice_first", one.name, cell, new=code)
    return code


def _date(cell: Any, is_1904: bool) -> date | None:
    return dates.parse_date(cell, is_1904=is_1904)


def _moment(cell: Any, is_1904: bool) -> datetime | None:
    return dates.parse_datetime(cell, is_1904=is_1904)


_READ: dict[str, Callable[[Row, Field, Any], Any]] = {
    kinds.TEXT: _text,
    kinds.NAME: _name,
    kinds.EMPLOYEE: _name,
    kinds.CODE: _code,
    kinds.PHONE: _phones,
    kinds.VIN: _vin,
    kinds.PLATE: _plate,
    kinds.MONEY: _money,
    kinds.DECIMAL: _decimal,
    kinds.INT: _int,
    kinds.YESNO: _yesno,
    kinds.CHOICE: _choice,
}
_READ_TIME: dict[str, Callable[[Any, bool], Any]] = {kinds.DATE: _date, kinds.MOMENT: _moment}

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
    return {name: _through(_ENCODE, layout, name, value) for name, value in values.items()}


def decode(layout: Layout, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The clean values again; what the layout no longer knows is left out."""
    known = layout.by_name
    return {name: _through(_DECODE, layout, name, value) for name, value in stored.items() if name in known}


def _through(table: dict[str, Callable[[Any], Any]], layout: Layout, name: str, value: Any) -> Any:
    convert = table.get(layout.by_name[name].kind) if value is not None else None
    return convert(value) if convert else value
