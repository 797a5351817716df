"""Which facts a rule is for: by kind of work, series, power and kind of sale; an empty list is for all."""

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


def _plain(value: str) -> str:
    return value.strip().casefold()
