"""The words by which a customer is found, and how a typed search is read: plain rules, no tables.

A token is stored once for each place at which a search may begin: every suffix of a name, a plate with and without its
province, phones and VINs reversed so that any tail is a prefix. Looking up is then one index range, on either engine.
"""

from __future__ import annotations

from typing import NamedTuple

from crm_site.core import names, phones, plates, text, vins

NAME, PINYIN, INITIALS, PHONE, PLATE, VIN, NUMBER = "n", "p", "i", "t", "l", "v", "o"

#: how many signs a search needs before it is looked up (phone tails from 4 digits, VIN tails from 6)
MIN_PHONE_TAIL = 4
MIN_VIN_TAIL = 6
WHOLE_VIN = 17
MIN_PLATE = 3
#: a company's name may be long; searches begin within its first signs
MAX_SUFFIXES = 24
MAX_TOKEN = 80


class Token(NamedTuple):
    """One word and the kind of fact it was taken from."""

    kind: str
    token: str


def name_tokens(name: str) -> list[Token]:
    """Every suffix of a name (so that any part is a prefix), its pinyin with and without surname, its initials."""
    key = names.match_key(name)[:MAX_TOKEN]
    if not key:
        return []
    found = [Token(NAME, key[start:]) for start in range(min(len(key), MAX_SUFFIXES))]
    spelled = names.pinyin(name)
    if spelled.full and spelled.full != key:
        given = names.pinyin(name[len(names.surname(name)) :]).full
        found += [Token(PINYIN, part[:MAX_TOKEN]) for part in dict.fromkeys([spelled.full, given]) if part]
        found.append(Token(INITIALS, spelled.initials[:MAX_TOKEN]))
    return found


def phone_tokens(number: str) -> list[Token]:
    """A number reversed, without its extension."""
    digits = number.partition("-")[0]
    return [Token(PHONE, digits[::-1])] if digits else []


def plate_tokens(plate: str) -> list[Token]:
    """A plate as it is, without its province, and without province and city letter."""
    _province, rest = plates.split(plate)
    parts = dict.fromkeys([plate, rest, rest[1:]])
    return [Token(PLATE, part) for part in parts if len(part) >= MIN_PLATE]


def vin_tokens(vin: str | None) -> list[Token]:
    """A VIN reversed."""
    return [Token(VIN, vin[::-1])] if vin else []


def number_tokens(number: str | None) -> list[Token]:
    """A customer number in capitals."""
    return [Token(NUMBER, number.upper()[:MAX_TOKEN])] if number else []


def read_search(typed: str) -> list[Token]:
    """How a typed search may be meant: (kind, prefix) pairs, the likeliest first; [] when too short to look up.

    Takes what people type: 张, 张晓, zhangxiao, zxm, 8000, 138 0013 8000, 渝A12345, A12345, 004217, K000017.
    """
    plain = text.half_width(text.tidy(typed)).strip()
    if not plain:
        return []
    compact = plain.replace(" ", "").replace("-", "").lstrip("+")
    if any(_is_han(sign) for sign in plain):
        meant = _read_chinese(plain, compact)
    else:
        meant = _read_digits(compact) if compact.isdigit() else _read_latin(compact)
    return [*meant, *(one for one in _read_number(plain) if one not in meant)]


def _read_number(plain: str) -> list[Token]:
    """A customer number with the dashes and blanks that it has (KH-2026-0017); they are part of what is stored."""
    is_number = len(plain) >= MIN_PHONE_TAIL and any(sign.isdigit() for sign in plain)
    return [Token(NUMBER, plain.upper())] if is_number else []


def _vin(typed: str) -> Token:
    """A whole VIN, else its last signs: more of them would tell the hidden ones, sign by sign, by what is found."""
    return Token(VIN, typed[::-1] if len(typed) >= WHOLE_VIN else typed[::-1][:MIN_VIN_TAIL])


def _is_han(sign: str) -> bool:
    return "\u3400" <= sign <= "\u9fff" or sign >= "\U00020000"


def _read_chinese(plain: str, compact: str) -> list[Token]:
    plate = plates.normalise(compact)
    meant = [Token(NAME, names.match_key(plain))]
    if plates.split(plate)[0] and len(plate) >= MIN_PLATE:
        meant.insert(0, Token(PLATE, plate))
    return [token for token in meant if token.token]


def _read_digits(compact: str) -> list[Token]:
    number = phones.first(compact) or compact
    meant = []
    if len(compact) >= MIN_PHONE_TAIL:
        meant.append(Token(PHONE, number[::-1]))
    if len(compact) >= MIN_PLATE:
        meant.append(Token(PLATE, compact))
    if len(compact) >= MIN_VIN_TAIL:
        meant.append(_vin(vins.normalise(compact)))
    return [*meant, Token(NUMBER, compact)] if len(compact) >= MIN_PHONE_TAIL else meant


def _read_latin(compact: str) -> list[Token]:
    upper, lower = compact.upper(), compact.lower()
    meant = []
    if lower.isalpha():
        meant += [Token(INITIALS, lower), Token(PINYIN, lower), Token(NAME, lower)]
    if len(upper) >= MIN_PLATE:
        meant.append(Token(PLATE, upper))
    if len(upper) >= MIN_VIN_TAIL:
        meant.append(_vin(upper))
    if len(upper) >= MIN_PLATE:
        meant.append(Token(NUMBER, upper))
    return meant
