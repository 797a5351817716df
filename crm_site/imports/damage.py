"""What has happened to cells before they came to us: formulas that failed, signs nobody sees, zeros that got lost."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any

from crm_site.core import dates

#: What the reader gives for a formula that carries no value; its text is never taken.
FORMULA = "#FORMULA!"
#: What a spreadsheet writes where a formula failed.
ERRORS = frozenset(
    {
        "#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!",
        "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#GETTING_DATA", "#PYTHON!",
    }
)  # fmt: skip

_APOSTROPHE = re.compile(r"\s*['’‘`]")
_FULL_WIDTH = re.compile(r"[\uff01-\uff5e]")
_ODD_BLANK = re.compile(
    r"[\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufffc\ufffd"
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad]"
)
_DECIMAL_END = re.compile(r"[\d\s,+-]+\.0+")
_SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d+)?[eE]\+?\d{1,3}")
_LONG_ZEROS = re.compile(r"\d{15}0+")

#: So many numbers of one width make a column's width known, if so large a part of them has it.
_ENOUGH, _MOST = 20, 0.95


def broken_formula(cell: str) -> str:
    """Why a text cell holds no value but the trace of a formula: 'formula_empty', 'cell_error'; '' for any other."""
    if cell == FORMULA:
        return "formula_empty"
    return "cell_error" if cell.strip().upper() in ERRORS else ""


def repair(written: str, read: str, otherwise: str) -> str:
    """What kind of repair made the text that was read of the one that is written; '' where they are the same.

    `otherwise` names what the column's own kind does to a value: taking dashes out of a phone, titles off a name.
    """
    if written == read:
        return ""
    if _APOSTROPHE.match(written):
        return "apostrophe"
    if _ODD_BLANK.search(written):
        return "odd_signs"
    if written.strip(" \t\r\n") == read:
        return "blanks"
    if _FULL_WIDTH.search(written) and not _FULL_WIDTH.search(read):
        return "full_width"
    return "decimal_end" if _DECIMAL_END.fullmatch(written) else otherwise


def has_lost_digits(written: str) -> bool:
    """Whether text is a number in scientific notation: 2.02611E+19 has lost all but six of its digits."""
    return _SCIENTIFIC.fullmatch(written) is not None


def ends_in_zeros(written: str) -> bool:
    """Whether a long number has nothing but zeros behind its 15th digit, as after a spreadsheet has rounded it."""
    return len(written) > 15 and _LONG_ZEROS.fullmatch(written) is not None


class Widths:
    """How many digits the numbers of one column have, to see which have lost their leading zeros."""

    def __init__(self) -> None:
        self._all: Counter[int] = Counter()
        self._zeroed: Counter[int] = Counter()

    def see(self, digits: str) -> None:
        """Count one number that consists of digits."""
        self._all[len(digits)] += 1
        if digits[0] == "0":
            self._zeroed[len(digits)] += 1

    def expected(self) -> int:
        """The one width that this column's numbers seem to have; 0 where nothing speaks for one.

        Either some keep a leading zero and all others are no longer than they, or nearly all are equally long.
        """
        if not self._all:
            return 0
        if len(self._zeroed) == 1:
            width = next(iter(self._zeroed))
            return width if width == max(self._all) else 0
        width, often = self._all.most_common(1)[0]
        total = sum(self._all.values())
        return width if total >= _ENOUGH and often >= _MOST * total else 0


class Swaps:
    """Signs that a spreadsheet has read days of one column in the wrong order before it kept them.

    Given 27/11/2026 and 05/11/2026, one that expects the month first keeps the first as text, for there is no month 27,
    and turns the second into a real date, 11 May. Real dates up to the 12th only, beside text that can be read in one
    order only, give that away.
    """

    _ONLY = (frozenset({"dmy"}), frozenset({"mdy"}))

    def __init__(self) -> None:
        self._is_told = False
        self._early: list[tuple[Any, date]] = []

    def see(self, row: Any, day: date) -> bool:
        """Take a real date; False once one lies behind the 12th, so that the column is above suspicion."""
        if day.day > 12:
            return False
        if day.day != day.month:
            self._early.append((row, day))
        return True

    def hear(self, written: str) -> None:
        """Take a date that stands as text."""
        if not (self._is_told or written[:4].isdecimal()):  # with the year first there is no other order
            self._is_told = dates.orders(written) in self._ONLY

    def doubtful(self) -> list[tuple[Any, date]]:
        """The rows since the last call whose real date is doubtful, with it."""
        early, self._early = self._early, []
        return early if self._is_told else []
