"""Phone numbers as Chinese dealers write them: one plain form to store, a verdict, and the forms to show."""

import re

from crm_site.core import text
from crm_site.core.verdicts import OK, REFUSED, WARNING, Verdict

#: Longer cells are prose; also keeps the patterns below from running long.
_LONGEST_CELL = 200

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
#: Area code with number: 010 and 02x have 8 digits, the others 7 or 8; then 400/800 service lines.
_LANDLINE = re.compile(r"0(?:10|2\d)[2-9]\d{7}|0[3-9]\d\d[2-9]\d{6,7}|[48]00\d{7}", re.ASCII)
_LOCAL = re.compile(r"[2-9][0-9]{6,7}")
_EXTENSION = re.compile(r"(?<=\d)\s*\(?(?:转|分机|ext\.?|x|#|\*)\s*[:.]?\s*(\d{1,6})\)?$", re.IGNORECASE)
_DASH_EXTENSION = re.compile(r"^(\(?0[1-9]\d{1,2}\)?[ -]?\d{3,4}[ -]?\d{4})-(\d{1,6})$")
_SEPARATORS = re.compile(r"[/\\、,，;；|\n\r\t或和&]+")
_SCIENTIFIC = re.compile(r"\d(?:\.(\d+))?[eE]\+?(\d+)")
_NOTES = re.compile(r"[((（][^))）]*[^\d\s()（）-][^))）]*[))）]|[一-鿿]+|[A-Za-z]+[:：]|[:：]")
_PUNCTUATION = re.compile(r"[\s().·・_\-‐‑‒–—―−~]+")
_COUNTRY = re.compile(r"(?:\+|00)86|86(?=1[3-9]\d{9}$)")
_FOREIGN = re.compile(r"(?:\+|00)([1-79]\d{6,13}|8[0-57-9]\d{5,12})")


def normalise(value: object) -> list[str]:
    """The numbers in a cell as plain digits, in their order and without repetition; what cannot be dialled is left out.

    Takes any cell value. Strips +86/0086, blanks, dashes, brackets and labels; splits several numbers in one cell;
    a landline keeps its extension behind a dash: '02368812345-801'.
    """
    value = text.cell_text(value)
    if _MOBILE.fullmatch(value):
        return [value]
    return list(dict.fromkeys(found.value for found in verdicts(value) if not found.is_refused))


def first(value: object) -> str:
    """The first number of a cell as plain digits, or ''."""
    numbers = normalise(value)
    return numbers[0] if numbers else ""


def verdict(value: object) -> Verdict:
    """The gravest verdict on the numbers of a cell; `value` is the first usable number ('' if none)."""
    value = text.cell_text(value)
    if _MOBILE.fullmatch(value):
        return Verdict(OK, "", value)
    found = verdicts(value)
    if not found:
        return Verdict(REFUSED, "empty")
    usable = next((one.value for one in found if not one.is_refused), "")
    gravest = max(found, key=lambda one: (OK, WARNING, REFUSED).index(one.level))
    return gravest._replace(value=usable)


def verdicts(value: object) -> list[Verdict]:
    """One verdict for each number written in a cell; an empty cell gives an empty list."""
    if text.is_empty(value):
        return []
    whole = text.cell_text(value).replace("\n", "/").replace("\t", "/")
    whole = text.half_width(whole)
    if len(whole) > _LONGEST_CELL:
        return [Verdict(REFUSED, "phone_letters")]
    if _SCIENTIFIC.fullmatch(whole):
        return [_scientific(whole)]
    pieces = [piece for piece in _SEPARATORS.split(whole.removesuffix(".0")) if piece.strip()]
    return [one for piece in pieces for one in _piece(piece)]


def is_mobile(number: str) -> bool:
    """Whether a plain number is a mainland mobile."""
    return _MOBILE.fullmatch(number) is not None


def mask(number: str) -> str:
    """The number with its middle hidden: '138****0000', '023****2345'; a short one keeps its last two digits."""
    digits = number.partition("-")[0]
    if len(digits) >= 10:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-2:]}" if digits else ""


def grouped(number: str) -> str:
    """The number in groups for dialling by eye: '138 0013 8000', '023 6881 2345', '0830 295 1234-801'."""
    digits, dash, extension = number.partition("-")
    parts, start = [], 0
    for size in _group_sizes(digits):
        parts.append(digits[start : start + size])
        start += size
    return " ".join(parts) + dash + extension


def _group_sizes(digits: str) -> tuple[int, ...]:
    """How many digits stand together: mobile 3-4-4, landline by its area code, others unbroken."""
    if is_mobile(digits) or digits[:2] in ("01", "02"):
        return 3, 4, 4
    if digits[:1] == "0" and len(digits) in (11, 12):
        return 4, len(digits) - 8, 4
    return (3, 3, 4) if len(digits) == 10 else (len(digits),)


def _scientific(whole: str) -> Verdict:
    """A number shown as 1.38E+10: usable only when all its digits are there."""
    fraction, exponent = _SCIENTIFIC.fullmatch(whole).groups()  # type: ignore[union-attr]
    if len(fraction or "") < int(exponent):
        return Verdict(REFUSED, "phone_rounded")
    return _single(str(int(float(whole))))


def _piece(piece: str) -> list[Verdict]:
    """The verdicts on one piece between separators, which may still hold two numbers side by side."""
    bare = _NOTES.sub(" ", _EXTENSION.sub(r"x\1", piece)).strip()
    if not any(sign.isdigit() for sign in bare):
        return [Verdict(REFUSED, "phone_letters")]
    whole = _single(bare)
    if not whole.is_refused:
        return [whole]
    for pattern in (r"\s+", r"[\s\-–—]+"):
        parts = [_single(part) for part in re.split(pattern, bare) if part]
        if len(parts) > 1 and all(not part.is_refused and part.code != "phone_no_area" for part in parts):
            return parts
    return _glued(bare) or [whole]


def _glued(bare: str) -> list[Verdict]:
    """Two mobiles written without a separator, or with blanks inside both."""
    compact = _PUNCTUATION.sub("", bare)
    halves = compact[:11], compact[11:]
    if len(compact) == 22 and all(map(is_mobile, halves)):
        return [Verdict(OK, "", half) for half in halves]
    return []


def _single(bare: str) -> Verdict:
    """The verdict on text that should be exactly one number."""
    number, extension = _split_extension(bare)
    compact = _PUNCTUATION.sub("", number)
    if match := _FOREIGN.fullmatch(compact):
        return Verdict(WARNING, "phone_foreign", "00" + match[1])
    digits, had_country = _COUNTRY.subn("", compact, count=1) if _COUNTRY.match(compact) else (compact, 0)
    if not (digits.isdecimal() and digits.isascii()):
        return Verdict(REFUSED, "phone_letters")
    return _digits(digits, extension, had_country=bool(had_country))


def _split_extension(bare: str) -> tuple[str, str]:
    """The number and its extension ('' if none)."""
    if match := re.search(r"x(\d{1,6})$", bare):
        return bare[: match.start()], match[1]
    if match := _DASH_EXTENSION.match(bare):
        return match[1], match[2]
    return bare, ""


def _digits(digits: str, extension: str, *, had_country: bool) -> Verdict:
    """The verdict on plain digits without country code."""
    if digits[:2] == "01" and _MOBILE.fullmatch(digits[1:]) and not had_country:
        digits = digits[1:]  # a long-distance 0 before a mobile
    if _MOBILE.fullmatch(digits):
        return Verdict(OK, "", digits)
    if had_country and digits[:1] != "0" and _LANDLINE.fullmatch("0" + digits):
        digits = "0" + digits
    tail = f"-{extension}" if extension else ""
    if _LANDLINE.fullmatch(digits):
        return Verdict(OK, "", digits + tail)
    if not had_country and _LANDLINE.fullmatch("0" + digits):
        return Verdict(REFUSED, "phone_lost_zero", suggestion=f"0{digits}{tail}")
    if _LOCAL.fullmatch(digits):
        return Verdict(WARNING, "phone_no_area", digits + tail)
    return Verdict(REFUSED, "phone_prefix" if len(digits) in (11, 12) else "phone_length")
