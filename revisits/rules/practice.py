"""Practice calls: what a good record of an invented call contains, and what of it a record has or lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

RESULT, ANSWERS, LOW, WORDS, DECISION = "result", "answers", "low", "words", "decision"
AGREED, BAN, CONTACT, BOOKING, PURPOSES, NOTE = "agreed", "ban", "contact", "booking", "purposes", "note"
#: in the order of the review
FINDINGS = (RESULT, ANSWERS, LOW, WORDS, DECISION, AGREED, BAN, CONTACT, BOOKING, PURPOSES, NOTE)


class Moment(NamedTuple):
    """A moment by the day of the call: so many days ahead, at this time."""

    days: int
    hour: int
    minute: int = 0


class Expected(NamedTuple):
    """What a good record of a case contains; what stands at its default is not judged."""

    result: str
    #: at least so many questions answered
    answers: int = 0
    #: the questions with a low answer; an empty set is judged where questions are asked
    low: frozenset[str] = frozenset()
    decision: str = ""
    agreed: Moment | None = None
    #: the wish not to be called again
    refuses_calls: bool = False
    #: number of the right person
    contact: str = ""
    #: how many days ahead the car is to come
    booking_days: int | None = None
    #: what came of the further purposes, in their order
    purposes: tuple[str, ...] = ()
    note: bool = False


class Said(NamedTuple):
    """What the record says; the fields mean what those of Expected do."""

    result: str
    answers: int = 0
    #: {question with a low answer: the customer's words}
    low: Mapping[str, str] = {}
    decision: str = ""
    agreed: Moment | None = None
    refuses_calls: bool = False
    contact: str = ""
    booking_days: int | None = None
    purposes: tuple[str, ...] = ()
    note: str = ""


class Review(NamedTuple):
    """Codes of FINDINGS: what is right, and what is missed."""

    right: list[str]
    missed: list[str]


def review(expected: Expected, said: Said) -> Review:
    """Hold a record against what its case is about."""
    judged = _judged(expected, said)
    return Review(
        right=[code for code in FINDINGS if judged.get(code) is True],
        missed=[code for code in FINDINGS if judged.get(code) is False],
    )


def _judged(expected: Expected, said: Said) -> dict[str, bool]:
    """{finding: whether it is right}, only what the case is about."""
    judged = {RESULT: said.result == expected.result}
    if expected.answers:
        judged[ANSWERS] = said.answers >= expected.answers
    if expected.answers or expected.low:
        judged[LOW] = set(said.low) == set(expected.low)
    if expected.low:
        judged[WORDS] = all(said.low.get(code, "").strip() for code in expected.low)
        judged[DECISION] = said.decision == expected.decision
    for code, wanted, found in (
        (AGREED, expected.agreed, said.agreed),
        (CONTACT, expected.contact, said.contact),
        (BOOKING, expected.booking_days, said.booking_days),
        (PURPOSES, expected.purposes, said.purposes),
        (BAN, expected.refuses_calls, said.refuses_calls),
    ):
        if wanted:
            judged[code] = found == wanted
    if expected.note:
        judged[NOTE] = bool(said.note.strip())
    return judged
