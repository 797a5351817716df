"""Reads one cell as its field's kind; whatever the reading changes in the text is said in the row's findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as default
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from crm_site.core import clock, dates, names, numbers, phones, plates, text, vins
from crm_site.core.errors import RuleBroken
from crm_site.core.verdicts import Verdict
from crm_site.imports import damage
from crm_site.imports import layout as kinds
from crm_site.imports.layout import Field, Row
from crm_site.imports.rules import header_key

YES = frozenset({"是", "有", "y", "yes", "true", "1", "√", "✓", "同意", "已投保", "本店", "对"})
NO = frozenset({"否", "没有", "不", "n", "no", "false", "0", "×", "x", "不同意", "未投保", "外店", "错"})
#: The answer to "day or month first?" that leaves the doubtful cells empty.
BLANK = "blank"

#: Alphanumeric text that is longer than any word for "empty" needs no tidying.
_LONGEST_EMPTY = max(len(word) for word in text.EMPTY_WORDS)
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_ISO_START = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
#: Needs no tidying, is no word for nothing, and no number that lost its digits.
_PLAIN_CODE = re.compile(r"[A-Z]{1,4}-?\d[A-Z0-9-]{2,30}|\d{5,15}")
_DAY_NUMBER = re.compile(r"\d{8}(?:\.0)?")


class Refused(Exception):
    """A cell that cannot be read as its kind; `code` says why, `suggestion` is a repair to propose."""

    def __init__(self, code: str, suggestion: str = "", **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.more = more | ({"suggestion": suggestion} if suggestion else {})


@dataclass
class Column:
    """A column of a file: its field, the workbook's date system, and what a person has said of its values."""

    field: Field
    is_1904: bool = False
    #: 'dmy', 'mdy', 'ymd' for dates that can be read several ways, BLANK to leave those empty
    order: str = ""
    #: spelling in the file → code
    words: Mapping[str, str] = default(default_factory=dict)

    @cached_property
    def meanings(self) -> dict[str, str]:
        """Normalised spelling → code, a person's answers before the layout's own words.

        An answer kept for long may name a category that is none any more: it counts as not given.
        """
        known = {*self.field.choice_keys.values(), "yes", "no", ""}
        said = {header_key(word): code for word, code in self.words.items() if code in known}
        return self.field.choice_keys | said


def _noted(row: Row, one: Field, cell: Any, read: str, otherwise: str) -> None:
    """Say how a text differs from what was read in it."""
    if type(cell) is str and (code := damage.repair(cell, read, otherwise)):
        row.mended(code, one.name, cell, new=read)


def _nothing(row: Row, one: Field, cell: Any) -> None:
    """An empty cell; a word that stands for nothing is noted."""
    if type(cell) is str and cell.strip():
        row.mended("empty_word", one.name, cell)


def _text(row: Row, column: Column, cell: Any) -> str | None:
    """Prose, shortened with a warning where it is longer than its column; a whole one is kept as it stands."""
    one = column.field
    if one.whole:
        return _whole(row, one, cell)
    if type(cell) is str and cell.isalnum() and _LONGEST_EMPTY < len(cell) <= one.max_length:
        return cell
    if text.is_empty(cell):
        _nothing(row, one, cell)
        return None
    written = text.tidy(cell)
    _noted(row, one, cell, written, "blanks")
    if len(written) > one.max_length:
        row.warn("text_long", one.name, written[:40], limit=one.max_length)
        written = written[: one.max_length]
    return written


def _whole(row: Row, one: Field, cell: Any) -> str | None:
    """A text of which no sign is lost: its lines, blanks and end; only what a database cannot hold is left out."""
    if text.is_empty(cell):
        _nothing(row, one, cell)
        return None
    written = text.cell_text(cell).replace("\r\n", "\n").replace("\x00", "")
    if len(written) > one.max_length:
        row.warn("text_kept_long", one.name, written[:40], limit=one.max_length)
    return written


def _code(row: Row, column: Column, cell: Any) -> str | None:
    """A number of an order, a person, a customer: half-width, no blanks; one that lost digits is refused."""
    one = column.field
    if type(cell) is str and _PLAIN_CODE.fullmatch(cell) and len(cell) <= one.max_length:
        return cell
    if isinstance(cell, float | int) and (abs(cell) >= 10**numbers.EXACT_DIGITS or cell != int(cell)):
        raise Refused("number_rounded")
    if text.is_empty(cell):
        _nothing(row, one, cell)
        return None
    written = text.half_width(cell).replace(" ", "")
    if damage.has_lost_digits(written):
        raise Refused("digits_lost")
    if written.endswith(".0") and written[:-2].isdecimal():
        written = written[:-2]
    _noted(row, one, cell, written, "blanks")
    if len(written) > one.max_length:
        raise Refused("text_too_long")
    if damage.ends_in_zeros(written):
        row.warn("digits_zero", one.name, written)
    return written


def _judged(row: Row, one: Field, found: Verdict, cell: Any) -> str | None:
    """The clean value of a verdict; its warning is kept, its refusal raised."""
    if found.code == "empty":
        _nothing(row, one, cell)
        return None
    if found.is_refused:
        raise Refused(found.code, found.suggestion, **_where(found))
    if not found.is_ok:
        row.warn(found.code, one.name, cell)
    return found.value or None


def _where(found: Verdict) -> dict[str, Any]:
    """Which characters of a VIN cannot be: their places from 1, and the letters."""
    if found.code != "vin_characters":
        return {}
    bad = [(place, sign) for place, sign in enumerate(found.value, start=1) if sign in "IOQ"]
    signs = dict.fromkeys(sign for _place, sign in bad)
    return {"place": ", ".join(str(place) for place, _sign in bad), "sign": ", ".join(signs)} if bad else {}


def _name(row: Row, column: Column, cell: Any) -> str | None:
    one = column.field
    if names.is_tidy(cell) and len(cell) <= one.max_length:
        return cell
    name = _judged(row, one, names.verdict(cell), cell)
    if name is not None:
        if len(name) > one.max_length:
            raise Refused("text_too_long")
        _noted(row, one, cell, name, "name_tidied")
    return name


def _vin(row: Row, column: Column, cell: Any) -> str | None:
    vin = _judged(row, column.field, vins.verdict(cell), cell)
    if vin is not None:
        _noted(row, column.field, cell, vin, "vin_tidied")
    return vin


def _plate(row: Row, column: Column, cell: Any) -> str | None:
    plate = _judged(row, column.field, plates.verdict(cell), cell)
    if plate is None:
        _nothing(row, column.field, cell)
        return None
    _noted(row, column.field, cell, plate, "plate_tidied")
    return plate


def _phones(row: Row, column: Column, cell: Any) -> list[str]:
    """The numbers in the cell; several are noted, undiallable ones are said."""
    one = column.field
    if type(cell) is int:
        cell = str(cell)
    if type(cell) is str and len(cell) == 11 and phones.is_mobile(cell) and not cell.endswith("000000"):
        return [cell]
    found = phones.verdicts(cell)
    if not found:
        _nothing(row, one, cell)
    usable = list(dict.fromkeys(each.value for each in found if not each.is_refused))
    for each in found:
        if each.is_refused and one.strict and not usable:
            raise Refused(each.code, each.suggestion)
        if not each.is_ok:
            row.warn(each.code, one.name, cell, **({"suggestion": each.suggestion} if each.suggestion else {}))
    _phones_noted(row, one, cell, usable, whole=len(found) == 1)
    return usable


def _phones_noted(row: Row, one: Field, cell: Any, usable: list[str], *, whole: bool) -> None:
    """Say how the numbers were taken out of the cell; one that ends in many zeros may have been rounded."""
    if len(usable) > 1:
        row.mended("phone_several_split", one.name, cell, new=" / ".join(usable))
    elif usable and whole:
        _noted(row, one, cell, usable[0], "phone_tidied")
    if any(number.endswith("000000") for number in usable):
        row.warn("phone_zeros", one.name, cell)


def _money(row: Row, column: Column, cell: Any) -> Decimal | None:
    if type(cell) in (int, float) and (plain := numbers.plain_money(cell)) is not None:
        return plain
    value = numbers.parse_money(cell)
    if type(cell) is float and value is not None and float(value) == cell:
        return value
    _number_noted(row, column.field, cell, value, "money_rounded")
    return value


def _decimal(row: Row, column: Column, cell: Any) -> Decimal | None:
    """An exact number, such as a score of 86.35."""
    value = numbers.parse_decimal(cell)
    _number_noted(row, column.field, cell, value, "money_rounded")
    return value


def _int(row: Row, column: Column, cell: Any) -> int | None:
    """A whole number that the database can hold; an odometer of 12,345.6 km is 12,345."""
    if type(cell) is int and 0 <= cell < 10**9:
        return cell
    value = numbers.parse_decimal(cell)
    if value is None:
        _nothing(row, column.field, cell)
        return None
    if not 0 <= value < 10**9:
        raise Refused("number_range")
    _number_noted(row, column.field, cell, Decimal(int(value)), "fraction_cut")
    return int(value)


def _number_noted(row: Row, one: Field, cell: Any, value: Decimal | None, shortened: str) -> None:
    """Say how a number was read out of text, and what was rounded off."""
    if type(cell) is int:
        return
    exact = numbers.parse_decimal(cell)
    if value is None or exact is None:
        _nothing(row, one, cell)
    elif exact != value:
        is_trace = type(cell) is float and abs(exact - value) < Decimal("0.000001")
        row.mended("float_end" if is_trace else shortened, one.name, cell, new=str(value))
    elif type(cell) is str and not _PLAIN_NUMBER.fullmatch(cell):
        row.mended(damage.repair(cell, f"{value:f}", "number_tidied"), one.name, cell, new=f"{value:f}")


def _yesno(row: Row, column: Column, cell: Any) -> bool | None:
    if isinstance(cell, bool):
        return cell
    word = text.half_width(cell).casefold()
    if word in ("", "-", "/"):
        return None
    meant = column.meanings.get(header_key(cell)) if column.words else None
    if meant in ("yes", "no", ""):  # "" is a person's "leave it empty"
        return meant == "yes" if meant else None
    if word in YES or word in NO or word == "无":
        return word in YES
    raise Refused("yesno_unknown")


def _choice(row: Row, column: Column, cell: Any) -> str | None:
    if text.is_empty(cell):
        _nothing(row, column.field, cell)
        return None
    code = column.meanings.get(header_key(cell))
    if code is None and column.field.several:
        code = _first_of_several(row, column, cell)
    if code is None:
        raise Refused("choice_unknown")
    return code or None


_BETWEEN = re.compile(r"[,，、;；|/\n]+")


def _first_of_several(row: Row, column: Column, cell: Any) -> str | None:
    """Of several words in one cell the first that is known; said, as the others are kept as words only."""
    words = map(header_key, _BETWEEN.split(text.tidy(cell)))
    code = next((column.meanings[word] for word in words if word in column.meanings), None)
    if code:
        row.mended("choice_first", column.field.name, cell, new=code)
    return code


def _date(row: Row, column: Column, cell: Any) -> date | None:
    if type(cell) is datetime and cell.tzinfo is None:
        cell = cell.date()
    if type(cell) is date and dates.FIRST_YEAR <= cell.year <= dates.LAST_YEAR:
        return cell
    day = _in_time(row, column, cell, dates.parse_date)
    if day is not None:
        _date_noted(row, column.field, cell, day.isoformat())
    return day


def _moment(row: Row, column: Column, cell: Any) -> datetime | None:
    moment = _in_time(row, column, cell, dates.parse_datetime)
    if moment is not None:
        _date_noted(row, column.field, cell, f"{clock.local(moment):%Y-%m-%d %H:%M}")
    return moment


def _in_time(row: Row, column: Column, cell: Any, parse: Callable[..., Any]) -> Any:
    """A day or a moment, in the order that a person has chosen for what can be read several ways."""
    order = "" if column.order == BLANK else column.order
    try:
        value = parse(cell, is_1904=column.is_1904, order=order)
    except RuleBroken as broken:
        if column.order != BLANK or broken.code != "date_ambiguous":
            raise
        return row.mended("date_left_blank", column.field.name, cell)
    if value is None:
        _nothing(row, column.field, cell)
    return value


def _date_noted(row: Row, one: Field, cell: Any, read: str) -> None:
    """Say that a day was read from text or from a number; 2024-03-05 and real dates need no word."""
    if isinstance(cell, date) or (type(cell) is str and _ISO_START.fullmatch(cell)):
        return
    written = text.half_width(cell)
    is_serial = _NUMBER.fullmatch(written) and not _DAY_NUMBER.fullmatch(written)
    row.mended("date_serial" if is_serial else "date_text", one.name, cell, new=read)


Read = Callable[[Row, Column, Any], Any]
READ: dict[str, Read] = {
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
    kinds.DATE: _date,
    kinds.MOMENT: _moment,
}
