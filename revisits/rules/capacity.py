"""How many calls a desk can make on a day, and which calls of a drawn rule are left out when there are more."""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple


@dataclass(frozen=True)
class Caller:
    """One who dials: since when, and how many calls a day where that differs from the store's number."""

    hired_on: date | None = None
    own_dials: int | None = None


@dataclass(frozen=True)
class DeskTerms:
    """A store's numbers: dials a day of a specialist, and of one who began within so many days."""

    dials_a_day: int = 100
    new_dials_a_day: int = 40
    new_days: int = 30


def dials(caller: Caller, terms: DeskTerms, day: date) -> int:
    """How many calls one person makes on a day: their own number, the one for new staff, or the store's."""
    if caller.own_dials is not None:
        return caller.own_dials
    is_new = caller.hired_on is not None and day < caller.hired_on + timedelta(days=terms.new_days)
    return min(terms.new_dials_a_day, terms.dials_a_day) if is_new else terms.dials_a_day


class InDraw(NamedTuple):
    """A call that waits to be made under a rule that is drawn."""

    task_id: int
    anchor_key: str
    #: who served the customer
    employee: Hashable
    #: it was tried or promised, or is in somebody's hands: it is not taken away any more
    is_begun: bool = False


def draw_number(anchor_key: str) -> int:
    """The place of an occasion in the draw: stable, the same on every run, and of no order that anybody could steer."""
    return int.from_bytes(hashlib.sha256(f"draw:{anchor_key}".encode()).digest()[:8], "big")


def drawn(calls: Iterable[InDraw], wanted: Mapping[Hashable, int], otherwise: int) -> Iterator[int]:
    """The ids of the calls not begun yet that are made: of each employee as many as are `wanted` of him, by the draw.

    `wanted` maps employees to how many valid answers they lack this month; `otherwise` holds for all others. What is
    begun is made in any case, and counts first. Holds no more in memory than it gives, whatever comes in.
    """
    begun: Counter[Hashable] = Counter()
    best: dict[Hashable, list[tuple[int, int]]] = {}
    for call in calls:
        if call.is_begun:
            begun[call.employee] += 1
            continue
        heap = best.setdefault(call.employee, [])
        entry = (-draw_number(call.anchor_key), -call.task_id)  # the heap's first is the one to go first
        if len(heap) < wanted.get(call.employee, otherwise):
            heapq.heappush(heap, entry)
        elif heap:
            heapq.heappushpop(heap, entry)
    for employee, heap in best.items():
        room = wanted.get(employee, otherwise) - begun[employee]
        yield from (-task_id for _number, task_id in heapq.nlargest(max(room, 0), heap))
