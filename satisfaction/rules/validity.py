"""Why a response does not count: too little of it applies, too little is answered, something needed is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from satisfaction.rules.scores import ANSWERED_SHARE, APPLICABLE_AT_LEAST, GIVEN, Item

LITTLE_APPLIES, LITTLE_ANSWERED, MISSING = "applies", "answered", "missing"


@dataclass(frozen=True)
class Lack:
    """One reason: which, the weight found and the weight it would take, and the questions that are missing."""

    code: str
    found: Decimal = Decimal(0)
    wanted: Decimal = Decimal(0)
    questions: tuple[str, ...] = ()


def lacks(items: Iterable[Item], states: Mapping[str, str], answered: Decimal, applicable: Decimal) -> list[Lack]:
    """Everything that keeps a response from counting; [] where nothing does.

    `states` says given, na or none by question code; a question without one was not asked. The weights are those that
    were stored with the response.
    """
    found = []
    if applicable < APPLICABLE_AT_LEAST:
        found.append(Lack(LITTLE_APPLIES, applicable, APPLICABLE_AT_LEAST))
    if answered < ANSWERED_SHARE * applicable:
        found.append(Lack(LITTLE_ANSWERED, answered, ANSWERED_SHARE * applicable))
    missing = tuple(item.code for item in items if item.is_required and states.get(item.code) != GIVEN)
    return [*found, Lack(MISSING, questions=missing)] if missing else found
