"""What a rule may say: which facts it is for (an empty list is for all), and which terms fit together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Subject(NamedTuple):
    """What a rule may ask about a fact; None where the fact has no such thing, '' where it is not known."""

    job_type: str | None = None
    series: str | None = None
    power: str | None = None
    sale_type: str | None = None


#: key in RuleVersion.conditions -> what it asks about
LISTS = {"job_types": "job_type", "series": "series", "power": "power", "sale_types": "sale_type"}


def suits(conditions: Mapping[str, Any], subject: Subject) -> bool:
    """Whether a rule with these conditions is for a fact; a list asks nothing of a fact that has no such thing.

    What is not known is in no list: a rule for electric cars leaves out a car of unknown power.
    """
    for key, field in LISTS.items():
        wanted = conditions.get(key)
        value = getattr(subject, field)
        if wanted and value is not None and _plain(value) not in {_plain(one) for one in wanted}:
            return False
    return True


class InSegment(NamedTuple):
    """The segment that a rule asks for, and whether it is for its members or for all but them."""

    segment_id: int
    is_in: bool


def segment_of(conditions: Mapping[str, Any]) -> InSegment | None:
    """The segment in the conditions of a rule, {"segment": {"id": 3, "is_in": true}}; None where it asks for none."""
    stated = conditions.get("segment")
    return InSegment(int(stated["id"]), bool(stated["is_in"])) if stated else None


def _plain(value: str) -> str:
    return value.strip().casefold()


# ---- which terms fit together ----------------------------------------------------------------------------------------

#: anchors whose day is ahead: a call may come before it
AHEAD = frozenset({"first_service", "maintenance", "insurance", "inspection", "warranty", "birthday", "anniversary"})
#: anchors with a kind of work, and with a kind of sale
WITH_JOB, WITH_SALE = frozenset({"order", "rework"}), frozenset({"delivery", "anniversary"})


class Problem(NamedTuple):
    """What does not fit: the field to mend, and which problem it is."""

    field: str
    code: str


def problem(terms: Mapping[str, Any]) -> Problem | None:
    """The first thing that does not fit in a version of a rule; None when it may stand."""
    if terms["offset_days"] < 0 and terms["anchor"] not in AHEAD:
        return Problem("offset_days", "reminder")
    if terms["capacity"] == "always":
        return None
    if terms["conditions"].get("always"):
        return Problem("capacity", "always")
    if terms["capacity_number"] < 1:
        return Problem("capacity_number", "number")
    if terms["capacity"] == "quota" and terms["capacity_number"] > 100:
        return Problem("capacity_number", "percent")
    return None
