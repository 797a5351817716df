"""What speaks for two cards being one customer, how much it weighs, and when two names may be one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from itertools import combinations

from crm_site.core import names
from customers.rules.numbers import MANY_CARDS


class Reason(StrEnum):
    """What two cards share."""

    IDENTITY = "identity"
    PHONE = "phone"
    VIN = "vin"
    PLATE = "plate"
    NAME = "name"
    SIMILAR = "similar"


#: how much each weighs; a pair comes before another by their sum
WEIGHTS: dict[str, int] = {
    Reason.IDENTITY: 100,
    Reason.PHONE: 40,
    Reason.VIN: 30,
    Reason.PLATE: 20,
    Reason.NAME: 40,
    Reason.SIMILAR: 25,
}
#: more cards than a family on one number, or on one identity number, are a shared or invented one, and no pairs
FAMILY = MANY_CARDS
#: so many people around one car are compared name by name; of more only those who sound the same
FEW = 20
#: a Chinese name with one other sign may be a slip from three signs on; with two every cousin would be one
LONG_NAME = 3
#: of companies: whether one name stands in the other
LONG_COMPANY = 4

Person = tuple[int, str]
Pair = tuple[int, int]


def likeness(one: str, other: str) -> Reason | None:
    """NAME for the same name, SIMILAR for one that sounds the same, has one other sign, or is part of the other."""
    left, right = names.match_key(one), names.match_key(other)
    if not left or not right:
        return None
    if left == right:
        return Reason.NAME
    if names.pinyin(one).full == names.pinyin(other).full and names.pinyin(one).full:
        return Reason.SIMILAR
    if len(left) == len(right) >= LONG_NAME and sum(a != b for a, b in zip(left, right, strict=True)) == 1:
        return Reason.SIMILAR
    is_part = min(len(left), len(right)) >= LONG_COMPANY and (left in right or right in left)
    return Reason.SIMILAR if is_part else None


def score(reasons: Collection[str]) -> int:
    """How much speaks for a pair."""
    return sum(WEIGHTS[reason] for reason in reasons)


def in_order(reasons: Collection[str]) -> list[str]:
    """The weightiest first."""
    return [reason.value for reason in Reason if reason in reasons]


def everybody(people: Sequence[Person]) -> Iterator[tuple[Person, Person]]:
    """Every two of a small group."""
    return combinations(sorted(set(people)), 2)


def alike(people: Sequence[Person]) -> Iterator[tuple[Person, Person]]:
    """The two of a group whose names may be one; a big group is not compared each with each."""
    known = sorted(set(people))
    if len(known) <= FEW:
        groups = [known]
    else:
        by_sound: dict[str, list[Person]] = {}
        for person in known:
            by_sound.setdefault(names.pinyin(person[1]).full, []).append(person)
        groups = [some[:FEW] for some in by_sound.values()]
    for group in groups:
        yield from (two for two in combinations(group, 2) if likeness(two[0][1], two[1][1]))
