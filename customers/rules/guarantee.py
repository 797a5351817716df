"""When a repair counts as 返修 although nobody ticked it: the same trade again within the guarantee of the earlier one.

The classes and their limits are those of the repair trade's quality guarantee (domain 4.1): it ends with the days or
with the kilometres, whichever comes first. docs/rework.md says why each job type stands where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Guarantee(NamedTuple):
    """How long a class of work is answered for."""

    km: int
    days: int


MINOR, MAINTENANCE, ASSEMBLY = Guarantee(2_000, 10), Guarantee(5_000, 30), Guarantee(20_000, 100)
LONGEST_DAYS = ASSEMBLY.days

#: what the earlier order was, by job type; one that names an overhauled assembly is answered for longest
CLASSES: dict[str, Guarantee] = {
    "first_service": MAINTENANCE,
    "scheduled": MAINTENANCE,
    "general": MINOR,
    "accident": MINOR,
    "warranty": MINOR,
    "body": MINOR,
    "rework": MINOR,
}
#: job types that can be the same work once more: services come by plan, and an accident is new damage
REPEATABLE = frozenset({"general", "warranty", "body", "rework"})

MECHANICAL, BODY, PAINT = "mechanical", "body", "paint"
#: the trades of an order that names no technician
TRADES: dict[str, frozenset[str]] = {"accident": frozenset({BODY, PAINT}), "body": frozenset({BODY, PAINT})}
#: an overhaul, or one of the assemblies that the guarantee means: not every part whose name ends in 总成
_ASSEMBLY = re.compile(r"大修|(?:发动机|变速[箱器]|差速器|[前后驱]动?桥|转向[机器]|离合器)[^；;,，]{0,6}总成")


@dataclass(frozen=True)
class Job:
    """One order as far as the guarantee asks: a job of a car, between check-in and release."""

    key: int
    job_type: str
    checked_in_on: date
    #: None while in the workshop
    released_on: date | None
    km: int | None
    items: str = ""
    #: the trades of the technicians who worked on it; empty where none is named
    named_trades: frozenset[str] = frozenset()
    #: somebody ticked 返修: then nothing needs to be detected
    is_ticked: bool = False

    @property
    def trades(self) -> frozenset[str]:
        """Whose work it was: as the technicians say, else as the job type says."""
        return self.named_trades or TRADES.get(self.job_type, frozenset({MECHANICAL}))

    @property
    def guarantee(self) -> Guarantee | None:
        """How long the work is answered for; None for jobs that promise nothing (washes, checks, PDI, internal)."""
        plain = CLASSES.get(self.job_type)
        return ASSEMBLY if plain and _ASSEMBLY.search(self.items) else plain


def reworked(job: Job, others: Iterable[Job]) -> int | None:
    """The key of the order whose work this one does again, the latest of several; None where it is no 返修 of any."""
    if job.is_ticked or job.job_type not in REPEATABLE:
        return None
    again = [other for other in others if other.key != job.key and _is_answered_for(other, job)]
    return max(again, key=lambda other: (other.released_on, other.key)).key if again else None


def _is_answered_for(earlier: Job, later: Job) -> bool:
    """Whether a job falls into the guarantee of an earlier one; an odometer that is missing or falls says nothing."""
    guarantee = earlier.guarantee
    if guarantee is None or earlier.released_on is None or not earlier.trades & later.trades:
        return False
    days = (later.checked_in_on - earlier.released_on).days
    if not 0 <= days <= guarantee.days or earlier.checked_in_on > later.checked_in_on:
        return False
    return earlier.km is None or later.km is None or later.km - earlier.km <= guarantee.km


def candidates(jobs: Sequence[Job]) -> set[int]:
    """The keys of orders near enough to each other to be looked at with their items and technicians."""
    ordered = sorted(jobs, key=lambda job: job.checked_in_on)
    return {
        key
        for one, after in zip(ordered, ordered[1:], strict=False)
        if (after.checked_in_on - (one.released_on or one.checked_in_on)).days <= LONGEST_DAYS
        for key in (one.key, after.key)
    }
