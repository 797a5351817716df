"""Vehicle identification numbers: clean form, check digit, verdict with a repair to suggest, and the masked form."""

import re
from operator import getitem

from crm_site.core import text
from crm_site.core.verdicts import OK, REFUSED, WARNING, Verdict

_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_BLANKS = re.compile(r"[\s\-_.·*]+")
_SCIENTIFIC = re.compile(r"\d+E\+?\d{2}")
_REPAIR = str.maketrans("OQI", "001")
_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(
        zip(
            "ABCDEFGHJKLMNPRSTUVWXYZ",
            [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9],
            strict=True,
        )
    ),
}
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
#: product of value and weight looked up by place and character: one dict read a character.
_PRODUCTS = [{sign: value * weight for sign, value in _VALUES.items()} for weight in _WEIGHTS]


def normalise(value: object) -> str:
    """The VIN in capitals without blanks and dashes; '' for an empty cell. Never repairs a character."""
    if isinstance(value, str) and _VIN.fullmatch(value):
        return value
    if text.is_empty(value):
        return ""
    return _BLANKS.sub("", text.half_width(value)).upper()


def check_digit(vin: str) -> str:
    """The character that position 9 should have (ISO 3779 / GB 16735: mod 11, 10 is X); needs 17 allowed characters."""
    remainder = sum(map(getitem, _PRODUCTS, vin)) % 11
    return "X" if remainder == 10 else str(remainder)


def verdict(value: object) -> Verdict:
    """ok, warning (check digit: European VINs do not use it) or refused (length, characters), with the clean VIN.

    `suggestion` holds a repaired VIN when O/Q→0 and I→1 makes it valid; it is a proposal, never applied here.
    """
    vin = normalise(value)
    if not vin:
        return Verdict(REFUSED, "empty")
    if isinstance(value, float) or (len(vin) < 17 and _SCIENTIFIC.fullmatch(vin)):
        return Verdict(REFUSED, "vin_rounded", vin)  # a cell of 17 digits kept as a number has lost the last two
    if _VIN.fullmatch(vin):
        matches = check_digit(vin) == vin[8]
        return Verdict(OK, "", vin) if matches else Verdict(WARNING, "vin_check_digit", vin)
    if len(vin) != 17:
        return Verdict(REFUSED, "vin_length", vin)
    return Verdict(REFUSED, "vin_characters", vin, suggestion(vin))


def suggestion(vin: str) -> str:
    """The VIN with O/Q read as 0 and I as 1, if that makes a VIN of allowed characters; else ''."""
    repaired = vin.translate(_REPAIR)
    return repaired if repaired != vin and _VIN.fullmatch(repaired) else ""


def mask(vin: str) -> str:
    """Only the last 6 characters: '…388202'; a short value keeps at most its last 6."""
    return f"…{vin[-6:]}" if vin else ""
