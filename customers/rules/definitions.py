"""The numbers by which customers are classed, as shipped, with the bounds within which a store may set its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

LOYALTY, VALUE, LIFECYCLE = "loyalty", "value", "lifecycle"

#: {name: number}; what the rules of a scheme ask
Numbers = Mapping[str, int]


class Number(NamedTuple):
    """One number of a scheme: as shipped, its least and greatest value, and what it counts."""

    name: str
    shipped: int
    least: int
    most: int
    unit: str


SCHEMES: dict[str, tuple[Number, ...]] = {
    LOYALTY: (
        Number("lost_months", 12, 3, 36, "months"),
        Number("sore_months", 6, 1, 24, "months"),
        Number("loyal_visits", 2, 1, 20, "visits"),
        Number("unhappy_below", 60, 0, 100, "points"),
        Number("devoted_from", 90, 0, 100, "points"),
    ),
    VALUE: (
        Number("gold_percent", 5, 1, 50, "percent"),
        Number("drag_percent", 20, 0, 50, "percent"),
        Number("weight_contribution", 60, 0, 100, "points"),
        Number("weight_potential", 20, 0, 100, "points"),
        Number("weight_loyalty", 20, 0, 100, "points"),
        Number("a_from", 70, 1, 100, "points"),
        Number("b_from", 40, 1, 100, "points"),
        Number("replace_years", 6, 2, 15, "years"),
        Number("high_from", 4, 1, 8, "marks"),
        Number("middle_from", 2, 1, 8, "marks"),
    ),
    LIFECYCLE: (
        Number("new_months", 6, 1, 24, "months"),
        Number("risk_months", 9, 1, 36, "months"),
        Number("missed_days", 60, 0, 365, "days"),
        Number("told_months", 6, 1, 24, "months"),
        Number("lost_months", 12, 2, 36, "months"),
    ),
}


class Problem(NamedTuple):
    """What does not fit: the number to mend, and which problem it is."""

    name: str
    code: str


def shipped(scheme: str) -> dict[str, int]:
    """The numbers of a scheme as shipped; an unknown scheme raises KeyError."""
    return {one.name: one.shipped for one in SCHEMES[scheme]}


def complete(scheme: str, stated: Mapping[str, object]) -> dict[str, int]:
    """The stated numbers of a scheme over the shipped ones; what the scheme does not know is left out."""
    return {name: int(str(stated.get(name, value))) for name, value in shipped(scheme).items()}


def problem(scheme: str, numbers: Numbers) -> Problem | None:
    """The first thing that does not fit in the numbers of a scheme; None when they may stand."""
    for one in SCHEMES[scheme]:
        if not one.least <= numbers[one.name] <= one.most:
            return Problem(one.name, "range")
    return next((Problem(name, code) for name, code, fits in _TOGETHER.get(scheme, ()) if not fits(numbers)), None)


#: (number to mend, problem, what must hold between the numbers of a scheme)
_TOGETHER = {
    LOYALTY: (
        ("devoted_from", "devoted", lambda n: n["devoted_from"] > n["unhappy_below"]),
    ),
    VALUE: (
        ("drag_percent", "shares", lambda n: n["gold_percent"] + n["drag_percent"] < 100),
        ("weight_loyalty", "weights",
         lambda n: n["weight_contribution"] + n["weight_potential"] + n["weight_loyalty"] == 100),
        ("b_from", "bands", lambda n: n["b_from"] < n["a_from"]),
        ("middle_from", "marks", lambda n: n["middle_from"] < n["high_from"]),
    ),
    LIFECYCLE: (
        ("lost_months", "lost", lambda n: n["risk_months"] < n["lost_months"]),
    ),
}  # fmt: skip
