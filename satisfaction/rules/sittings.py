"""How a questionnaire is laid before a customer: in a few calm steps, for a while, and by whom not."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from datetime import timedelta

#: how long a hand-over can be answered
LASTS = timedelta(hours=1)
#: what was handed back or delivered within so many days is offered without a search
OFFERED_DAYS = 3
#: what a search still finds: later nobody remembers
FOUND_DAYS = 60
#: small neighbours are shown together, up to so many questions
TOGETHER = 3


def steps(groups: Iterable[tuple[Hashable, int]]) -> list[list[Hashable]]:
    """Which groups of questions are shown together: (group, how many questions) in order -> groups by step.

    The last group (what has no factor) always stands alone.
    """
    found: list[list[Hashable]] = []
    size = 0
    rows = list(groups)
    for place, (group, count) in enumerate(rows):
        is_last = place == len(rows) - 1
        if found and not is_last and size + count <= TOGETHER:
            found[-1].append(group)
            size += count
        else:
            found.append([group])
            size = count
    return found


def may_ask(asker: int, served: Iterable[int]) -> bool:
    """Whether somebody may hand the questionnaire over: nobody whose own work the answers judge."""
    return asker not in set(served)


def words_of(phrases: Sequence[str], written: str) -> str:
    """The customer's words: the phrases that were tapped, then what was written."""
    return "；".join([*phrases, *([written.strip()] if written.strip() else [])])
