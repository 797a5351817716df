"""Hides what names a person: single facts such as a phone or an address, and the numbers written in free text."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from datetime import date

from crm_site.core import phones, vins
from crm_site.core.plates import PROVINCES

HIDDEN = "****"

_MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3})[ -]?\d{3,4}(\d{4})(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)\d{14}(\d{3}[\dXx])(?![\dXx])")
_VIN = re.compile(r"(?<![A-Za-z0-9])[A-HJ-NPR-Za-hj-npr-z0-9]{11}([A-HJ-NPR-Za-hj-npr-z0-9]{6})(?![A-Za-z0-9])")
_PLATE = re.compile(
    rf"([{PROVINCES}][A-HJ-NP-Za-hj-np-z])[ ·.-]?[A-Za-z0-9]{{2,3}}([A-Za-z0-9挂学警]{{3}})(?![A-Za-z0-9])"
)
_PUNCTUATION = "._%+-"
_LOCAL = f"{string.ascii_letters}{string.digits}{_PUNCTUATION}"
_DOMAIN = re.compile(r"@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
#: up to the district (区, 县, 旗), which is no housing estate (小区), else up to the city
_DISTRICT = re.compile(r"^[^\d]{2,20}?(?:(?<![小社园校景厂库])区|县|旗)")
_CITY = re.compile(r"^[^\d]{2,12}?市")
_BIRTHDAY = re.compile(r"\d{4}-(\d{2}-\d{2})")


def numbers(words: str) -> str:
    """The words with mobile numbers and VINs hidden like those in fields: 138****0000, …388202."""
    return _VIN.sub(r"…\1", _MOBILE.sub(r"\1****\2", words))


def said(text: str) -> str:
    """What people wrote with every number that leads to a person hidden: telephones, identity, VINs, e-mail."""
    return _without_emails(_LANDLINE.sub(r"\1****\2", numbers(_IDENTITY.sub(r"**************\1", text))))


def _emails(text: str) -> Iterator[tuple[int, int, int]]:
    """Of every e-mail address where it begins, where its domain does and where it ends.

    From the @ backwards: one expression for all of it reads a long word anew from each of its letters.
    """
    last = 0
    for domain in _DOMAIN.finditer(text):
        before = text[last : domain.start()]
        local = before[len(before.rstrip(_LOCAL)) :].lstrip(_PUNCTUATION)
        if local:
            yield domain.start() - len(local), domain.start(), domain.end()
            last = domain.end()


def _without_emails(text: str) -> str:
    """The text with each e-mail address by its first character and its domain."""
    parts, last = [], 0
    for begin, domain, end in _emails(text):
        parts += [text[last : begin + 1], "***", text[domain:end]]
        last = end
    return "".join([*parts, text[last:]])


def restored(typed: str, written: str) -> str:
    """What somebody made of a text read with hidden numbers (`said`): those that they left come back whole."""
    found = [match[0] for pattern in (_IDENTITY, _VIN, _MOBILE, _LANDLINE) for match in pattern.finditer(written)]
    for number in [*found, *(written[begin:end] for begin, _domain, end in _emails(written))]:
        typed = typed.replace(said(number), number, 1)
    return typed


def words(text: str) -> str:
    """As `said`, and plates hidden too: for what leaves the people who work with the car."""
    return said(_PLATE.sub(r"\1***\2", text))


def identity_no(text: str) -> str:
    """An identity number by its last four characters; a short one not at all."""
    return "*" * (len(text) - 4) + text[-4:] if len(text) > 8 else HIDDEN


def address(text: str) -> str:
    """An address as far as the district (渝北区****), else the city; where neither is named nothing of it."""
    found = _DISTRICT.match(text) or _CITY.match(text)
    return f"{found[0]}{HIDDEN}" if found else HIDDEN


def birthday(day: date | str) -> str:
    """A birthday without its year: ****-05-12."""
    found = _BIRTHDAY.fullmatch(day if isinstance(day, str) else day.isoformat())
    return f"{HIDDEN}-{found[1]}" if found else HIDDEN


def email(text: str) -> str:
    """An e-mail address by its first character and its domain: l***@example.com."""
    whole = any((begin, end) == (0, len(text)) for begin, _domain, end in _emails(text))
    return _without_emails(text) if whole else HIDDEN


#: fact -> how it is written where it is not to be read in full
FACTS: dict[str, Callable[[str], str]] = {
    "phone": phones.mask,
    "identity_no": identity_no,
    "address": address,
    "birthday": birthday,
    "email": email,
    "vin": vins.mask,
}


def fact(name: str, text: str) -> str:
    """A fact as it is written where it is hidden; a fact that nobody knows here is hidden whole. '' stays ''."""
    return FACTS.get(name, lambda _text: HIDDEN)(text) if text else ""
