"""Money and counts out of messy cells, exactly: Decimal, never float arithmetic, half-up rounding."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from math import isfinite

from crm_site.core import text
from crm_site.core.errors import RuleBroken
from crm_site.core.verdicts import message

CENT = Decimal("0.01")
#: Excel keeps 15 significant digits; a longer number in a numeric cell is already wrong.
EXACT_DIGITS = 15

#: Longer text is no number; also keeps the patterns below from running long.
_LONGEST_CELL = 60

_DECORATION = re.compile(r"^(?:人民币|RMB|CNY|¥|￥)\s*|\s*(?:元整|元|圆|km|公里|KM|Km|里|台|次|个|%)$", re.IGNORECASE)
_THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?")
_ACCOUNTING = re.compile(r"\((.+)\)")
_UNITS = {"万": Decimal(10_000), "千": Decimal(1_000)}


def parse_decimal(value: object) -> Decimal | None:
    """The exact number of a cell, None for an empty one.

    Understands full-width digits, thousands commas, ¥/元/公里, (120.50) for minus, 1.2万.
    Raises RuleBroken with code number_form or number_rounded.
    """
    if value is None or value == "":
        return None
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool):
        raise _broken("number_form")
    if isinstance(value, int | float):
        return _from_number(value)
    if text.is_empty(value):
        return None
    written = text.half_width(value)
    if len(written) > _LONGEST_CELL:
        raise _broken("number_form")
    return _from_text(written)


def parse_money(value: object) -> Decimal | None:
    """Yuan with two decimals, rounded half up; None for an empty cell. Raises RuleBroken."""
    number = parse_decimal(value)
    if number is None:
        return None
    if abs(number) >= Decimal(10) ** 10:
        raise _broken("number_range")
    return round_half_up(number, 2)


def plain_money(value: int | float) -> Decimal | None:
    """What `parse_money` gives for a number of at most two decimals, as nearly all are, in a fifth of the time.

    None for any other number; zero is left to `parse_money`, because a float has two of them.
    """
    if not value or not -(10**10) < value < 10**10:
        return None
    if type(value) is int:
        return Decimal(f"{value}.00")
    written = f"{value:.2f}"
    return Decimal(written) if float(written) == value else None


def parse_int(value: object) -> int | None:
    """A whole number; None for an empty cell. 12.0 is 12, 12.5 raises RuleBroken (number_fraction)."""
    number = parse_decimal(value)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise _broken("number_fraction")
    return int(number)


def round_half_up(number: Decimal | int, places: int = 0) -> Decimal:
    """Rounded the way people do by hand: 2.5 -> 3, 0.125 -> 0.13 at two places."""
    return Decimal(number).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _from_number(value: int | float) -> Decimal:
    """A numeric cell: its shortest decimal form, refused beyond what a spreadsheet keeps exactly."""
    if not isfinite(value):
        raise _broken("number_form")
    if abs(value) >= 10**EXACT_DIGITS:
        raise _broken("number_rounded")
    return Decimal(int(value)) if float(value).is_integer() else Decimal(repr(value))


def _from_text(written: str) -> Decimal:
    """A number written as text."""
    if match := _ACCOUNTING.fullmatch(written):
        written = "-" + match[1]
    bare = _DECORATION.sub("", _DECORATION.sub("", written)).replace(" ", "")
    unit = _UNITS.get(bare[-1:], Decimal(1))
    if unit != 1:
        bare = bare[:-1]
    if _THOUSANDS.fullmatch(bare):
        bare = bare.replace(",", "")
    if not _NUMBER.fullmatch(bare):
        raise _broken("number_form")
    try:
        return Decimal(bare) * unit
    except InvalidOperation as error:
        raise _broken("number_form") from error


def _broken(code: str) -> RuleBroken:
    return RuleBroken(message(code), code=code)
