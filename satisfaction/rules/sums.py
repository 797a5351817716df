"""What one response adds to the sums: exact whole numbers, so that adding and taking away again leaves nothing.

A sum is told by its key (dimension, subject, ref, member, part) and is a list of whole numbers [n, total, squares, top,
bottom, low]: the total in ten-thousandths of a point, the squares in their squares. The names are those of
`models.Dimension` and `models.Subject`; which filter reads which sum: docs/decisions/0034-sums.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from satisfaction.rules.periods import DETRACTOR_TO, VERY_SATISFIED_FROM

#: how many units of the sums a point is
UNITS, PLACES = 10_000, Decimal("0.0001")
WIDTH = 6


class Key(NamedTuple):
    """Which sum: '' is the dimension of the whole, `ref` the key of a factor or question."""

    dimension: str
    subject: str
    ref: int = 0
    member: str = ""
    part: str = ""


Sums = dict[Key, list[int]]
#: which store, month (its first day) and version
Place = tuple[int, date, int]


@dataclass(frozen=True)
class Said:
    """One given answer with a number: what it is worth, whom it judges, whether it is outside the index."""

    question: int
    factor: int | None
    is_extra: bool
    weight: Decimal
    normalised: Decimal
    value: Decimal | None
    is_low: bool
    department: str
    employees: tuple[int, ...]


@dataclass(frozen=True)
class Person:
    """What a response says about one employee."""

    employee: int
    part: str
    score: Decimal | None
    is_low: bool


@dataclass(frozen=True)
class Facts:
    """One response as far as it counts."""

    score: Decimal | None
    is_low: bool
    series: str
    job_type: str
    factors: Mapping[int, Decimal]
    people: Sequence[Person]
    said: Sequence[Said]


def entries(facts: Facts) -> Sums:
    """Everything that a valid response adds."""
    found: Sums = {}
    for dimension, member in (("", ""), ("series", facts.series), ("job_type", facts.job_type)):
        _add_whole(found, facts, dimension, member)
    for department in sorted({one.department for one in facts.said} - {""}):
        _add_department(found, facts, department)
    for person in facts.people:
        _add_person(found, facts, person)
    return found


def less(new: Sums, old: Sums) -> Sums:
    """What must be added to `old` to have `new`; nothing where they are equal."""
    found = {}
    for key in {**new, **old}:
        change = [a - b for a, b in zip(new.get(key, [0] * WIDTH), old.get(key, [0] * WIDTH), strict=True)]
        if any(change):
            found[key] = change
    return found


def units(score: Decimal) -> int:
    """A score in units of the sums, rounded as the tables round it."""
    return int(score.quantize(PLACES) * UNITS)


def share_of(said: Iterable[Said]) -> int | None:
    """Σ(item × weight) / Σ(weights) in units, rounded half up; None where nothing weighted was answered."""
    weighted = [one for one in said if one.weight > 0]
    if not weighted:
        return None
    hundredths = [int(one.weight * 100) for one in weighted]
    total = sum(units(one.normalised) * weight for one, weight in zip(weighted, hundredths, strict=True))
    return (2 * total + sum(hundredths)) // (2 * sum(hundredths))


def _add_whole(found: Sums, facts: Facts, dimension: str, member: str) -> None:
    """The response as a whole, for all of the store or for its series or job type."""
    if facts.score is not None:
        found[Key(dimension, "index", 0, member)] = _one(units(facts.score), low=facts.is_low)
    for factor, score in facts.factors.items():
        found[Key(dimension, "factor", factor, member)] = _one(units(score))
    for one in facts.said:
        found[Key(dimension, "item", one.question, member)] = _answer(one)
        if one.is_extra:
            found[Key(dimension, "extra", one.question, member)] = _answer(one)


def _add_department(found: Sums, facts: Facts, department: str) -> None:
    """The items that judge a department, and the extras of a response that says something about it."""
    own = [one for one in facts.said if one.department == department]
    share = share_of(own)
    if share is not None:
        found[Key("department", "own", 0, department)] = _one(share, low=any(one.is_low for one in own))
    _add_own(found, own, facts.said if share is not None else (), Key("department", "", 0, department))


def _add_person(found: Sums, facts: Facts, person: Person) -> None:
    """The items that judge an employee in a part, and the extras of a response that says something about them."""
    member, own = str(person.employee), [one for one in facts.said if person.employee in one.employees]
    if person.score is not None:
        key = Key("employee", "own", 0, member, person.part)
        found[key] = _one(units(person.score), low=person.is_low)
    _add_own(found, own, facts.said if person.score is not None else (), Key("employee", "", 0, member, person.part))


def _add_own(found: Sums, own: list[Said], beside: Sequence[Said], key: Key) -> None:
    """The factors and items of `own` under a member's key (in no part), and the extras of all said beside them."""
    extra, key = key._replace(subject="extra"), key._replace(part="")
    for factor in {one.factor for one in own if one.factor is not None}:
        share = share_of(one for one in own if one.factor == factor)
        if share is not None:
            found[key._replace(subject="factor", ref=factor)] = _one(share)
    for one in own:
        found[key._replace(subject="item", ref=one.question)] = _answer(one)
    for one in beside:
        if one.is_extra:
            found[extra._replace(ref=one.question)] = _answer(one)


def _answer(one: Said) -> list[int]:
    value = one.value if one.value is not None else Decimal(-1)
    top, bottom = value >= VERY_SATISFIED_FROM, 0 <= value <= DETRACTOR_TO
    return _one(units(one.normalised), top=top, bottom=bottom, low=one.is_low)


def _one(total: int, *, top: bool = False, bottom: bool = False, low: bool = False) -> list[int]:
    return [1, total, total * total, int(top), int(bottom), int(low)]


# ---- as a delta keeps them ------------------------------------------------------------------------------------------

Written = dict[str, dict[str, list[list]]]
WHOLE = "whole"


def written(sums: Sums) -> Written:
    """How a delta keeps them: {dimension: {subject: [[ref, member, part, n, total, squares, top, bottom, low]]}}."""
    found: Written = {}
    for key, numbers in sums.items():
        lines = found.setdefault(key.dimension or WHOLE, {}).setdefault(key.subject, [])
        lines.append([key.ref, key.member, key.part, *numbers])
    return found


def read(kept: Written) -> Sums:
    """The sums of a delta."""
    return {
        Key(dimension if dimension != WHOLE else "", subject, *line[:3]): line[3:]
        for dimension, subjects in kept.items()
        for subject, lines in subjects.items()
        for line in lines
    }


def add(into: Sums, more: Sums) -> None:
    """Add sums to others, in place."""
    for key, numbers in more.items():
        into[key] = [a + b for a, b in zip(into.get(key, [0] * WIDTH), numbers, strict=True)]
