"""Number plates of mainland China: clean form, verdict (unknown forms only warn), and the parts used by search."""

import re

from crm_site.core import text
from crm_site.core.verdicts import OK, REFUSED, WARNING, Verdict

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
#: Words at delivery for "not registered yet"; stored as an empty plate.
NONE_WORDS = frozenset(
    {"未上牌", "未上", "无牌", "新车", "待上牌", "未挂牌", "未办", "暂未上牌", "没上牌", "未上户", "上牌中"}
)

_TAIL = "A-HJ-NP-Z0-9"
_ORDINARY = re.compile(rf"[{PROVINCES}][A-HJ-NP-Z][{_TAIL}]{{5}}")
#: Small new-energy cars: type letter first (A B C D E F G H J K); large ones: type letter last. GA 36-2018.
_NEW_ENERGY = re.compile(rf"[{PROVINCES}][A-HJ-NP-Z](?:[A-HJK][{_TAIL}][0-9]{{4}}|[0-9]{{5}}[A-HJK])")
_SPECIAL = re.compile(
    rf"[{PROVINCES}][A-HJ-NP-Z][{_TAIL}]{{4}}[挂学警领]"
    r"|粤Z[A-HJ-NP-Z0-9]{4}[港澳]"
    rf"|[{PROVINCES}][A-HJ-NP-Z][{_TAIL}]{{4}}使|使[0-9]{{6}}|[0-9]{{6}}使"
    rf"|WJ[{PROVINCES}]?[{_TAIL}]{{5}}"
    r"|[军空海北沈兰济南广成][A-Z][A-Z0-9]{5}"
)
_TEMPORARY = re.compile(
    rf"(?:临时?|[{PROVINCES}]临)[{_TAIL}{PROVINCES}]{{4,8}}|[{PROVINCES}][A-Z][{_TAIL}]{{4,5}}[临试超]|临(?:牌|时|时牌)?"
)
#: the forms that a plate may have for good, for a look through stored plates
PATTERN = f"^(?:{_ORDINARY.pattern}|{_NEW_ENERGY.pattern}|{_SPECIAL.pattern})$"
_STRIP = re.compile(r"[\s\-_.·•・‧∙●*]+")


def normalise(value: object) -> str:
    """The plate in capitals without dots, blanks and dashes; '' for an empty cell or 未上牌."""
    if text.is_empty(value):
        return ""
    plate = _STRIP.sub("", text.half_width(value)).upper()
    return "" if plate in NONE_WORDS else plate


def verdict(value: object) -> Verdict:
    """ok, or warning for a temporary plate and an unknown form; an unregistered car is ok with code 'plate_none'."""
    if isinstance(value, str) and _ORDINARY.fullmatch(value):
        return Verdict(OK, "", value)
    plate = normalise(value)
    if not plate:
        return Verdict(OK, "plate_none")
    if _ORDINARY.fullmatch(plate) or _NEW_ENERGY.fullmatch(plate) or _SPECIAL.fullmatch(plate):
        return Verdict(OK, "", plate)
    if _TEMPORARY.fullmatch(plate):
        return Verdict(WARNING, "plate_temporary", plate)
    if len(plate) > 12:
        return Verdict(REFUSED, "plate_form", plate)
    return Verdict(WARNING, "plate_form", plate)


def is_new_energy(plate: str) -> bool:
    """Whether a clean plate is one of the 8-character new-energy plates."""
    return _NEW_ENERGY.fullmatch(plate) is not None


def split(plate: str) -> tuple[str, str]:
    """Province character ('' if none) and the rest, so that a search for 'A12345' finds '渝A12345'."""
    if plate[:1] and plate[0] in PROVINCES:
        return plate[0], plate[1:]
    return "", plate


def grouped(plate: str) -> str:
    """The plate as printed on the car: '渝A·12345'; other forms unchanged."""
    if _ORDINARY.fullmatch(plate) or _NEW_ENERGY.fullmatch(plate):
        return f"{plate[:2]}·{plate[2:]}"
    return plate
