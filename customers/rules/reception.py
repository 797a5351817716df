"""Which facts reception asks a customer for at a visit, and how soon again."""

from __future__ import annotations

from collections.abc import Collection, Iterable

PHONE, ADDRESS, INSURANCE, DRIVER = "phone", "address", "insurance", "driver"
#: the order in which they are asked: what calls cannot do without comes first
ORDER = (PHONE, ADDRESS, INSURANCE, DRIVER)
#: facts asked at one visit at most: dripping, not drilling (滴灌式)
MOST_A_VISIT = 3
#: a fact that was asked for is left alone so long, whatever the answer: about until the next visit
ASK_AGAIN_DAYS = 90


def to_ask(lacking: Iterable[str], asked_lately: Collection[str], asked_today: int) -> list[str]:
    """The facts to ask now, in their order: what is lacking, was not asked lately, and fits into this visit."""
    room = max(0, MOST_A_VISIT - asked_today)
    wanted = set(lacking) - set(asked_lately)
    return [fact for fact in ORDER if fact in wanted][:room]
