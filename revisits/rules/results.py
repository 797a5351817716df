"""What a call result may be: which consequences fit together, and what the keypad of a store must have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

#: letters that do something else on the call page (static/js/desk.js)
RESERVED_KEYS = frozenset("ABILNOPRV")

#: only somebody who was reached can finish, refuse, name a time or another person
NEEDS_REACHED = frozenset({"finish", "finish_refused", "finish_sold", "ask_contact", "at_agreed_time"})
#: a promise and a bad number use up no try (domain 4.4)
USES_NO_TRY = frozenset({"at_agreed_time", "next_number"})
TRIES_AGAIN = frozenset({"retry_other_band", "retry_soon", "retry_next_day", "ask_contact"})

#: what an admin may change of a result
CHANGEABLE = (
    "label_zh", "label_en", "group", "key", "reached", "next_step", "counts_as_try", "max_repeats", "saves_answers",
    "is_active",
)  # fmt: skip
#: what the calls made so far say by it: fixed from the first call on
FIXED_BY_CALLS = ("reached", "saves_answers")


class Terms(Protocol):
    """What is asked of a result; models.CallResult has it."""

    code: str
    group: str
    key: str
    reached: bool
    next_step: str
    counts_as_try: str
    max_repeats: int | None
    saves_answers: bool
    is_active: bool


class Problem(NamedTuple):
    """What is wrong with a result: the field to mend, and which problem it is."""

    field: str
    code: str


def problems(result: Terms, others: Iterable[Terms]) -> list[Problem]:
    """What stands against a result as it is to be, beside the other results of the store; [] when it may stand."""
    keypad = [row for row in [result, *others] if row.is_active]
    found = _of_itself(result)
    if result.is_active and result.key:
        if result.key in RESERVED_KEYS:
            found.append(Problem("key", "reserved"))
        elif any(row.key == result.key for row in keypad if row is not result):
            found.append(Problem("key", "taken"))
    if not any(row.saves_answers for row in keypad):
        found.append(Problem("is_active", "no_success"))
    if not any(row.group == "not_reached" for row in keypad):
        found.append(Problem("is_active", "no_miss"))
    return found


def _of_itself(result: Terms) -> list[Problem]:
    found = []
    if result.group == "not_reached" and result.reached:
        found.append(Problem("group", "reached"))
    if result.group == "reached" and not result.reached:
        found.append(Problem("group", "not_reached"))
    if result.next_step in NEEDS_REACHED and not result.reached:
        found.append(Problem("next_step", "not_reached"))
    if result.saves_answers and (result.next_step != "finish" or not result.reached):
        found.append(Problem("saves_answers", "unfinished"))
    if result.next_step in USES_NO_TRY and result.counts_as_try != "no":
        found.append(Problem("counts_as_try", "no_try"))
    if result.max_repeats is not None and result.next_step not in TRIES_AGAIN:
        found.append(Problem("max_repeats", "not_again"))
    return found
