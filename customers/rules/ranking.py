"""In which order the customers that a search met are shown: plain rules, no tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from customers.rules.tokens import Token


class Met(NamedTuple):
    """A word of a customer that a search met, and the car that it belongs to (None: the customer's own)."""

    customer: int
    vehicle: int | None
    kind: str
    token: str

    def is_whole(self, meant: Iterable[Token]) -> bool:
        """Whether the word is just what was typed, and not merely begins with it."""
        return any(one.kind == self.kind and one.token == self.token for one in meant)


def ranked(found: Iterable[Met], meant: Sequence[Token], present: Collection[tuple[int, int]]) -> list[Met]:
    """The best word of each customer, best customers first.

    Whole words before longer ones, then readings in the order of `meant` (the likeliest first), then cars that are
    still the customer's (`present`: pairs of customer and car), then by the word, then by the customer's key.
    """
    order = {token.kind: number for number, token in enumerate(meant)}

    def place(met: Met) -> tuple:
        is_former = met.vehicle is not None and (met.customer, met.vehicle) not in present
        return (not met.is_whole(meant), order[met.kind], is_former, met.token, met.customer)

    best: dict[int, Met] = {}
    for met in sorted(found, key=place):
        best.setdefault(met.customer, met)
    return list(best.values())
