"""三包 warning: days in the workshop and repairs of the same problem, as far as repair orders tell (domain 6.2).

By the rules a car whose repairs for faults of quality take more than 30 days, or whose same fault has been repaired
four times without success, within the term, may have to be exchanged or taken back. We warn at 20 days or 3 repairs.
Orders carry days, not hours: the day of check-in and the day of hand-back both count, so the number is an upper bound
and the warning comes early rather than late. Odometer limits of the term are not looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

WARN_DAYS, LIMIT_DAYS = 20, 30
WARN_REPAIRS, LIMIT_REPAIRS = 3, 4
#: jobs that may be repairs of a fault of quality; maintenance, accidents and bodywork on order are none
JOB_TYPES = frozenset({"general", "warranty", "rework"})


class Alert(StrEnum):
    """How near a car is to the limits."""

    NONE = ""
    NEAR = "near"
    REACHED = "reached"


@dataclass(frozen=True)
class Visit:
    """One stay in the workshop for repair."""

    key: int
    came_on: date
    #: None while the car is still there
    left_on: date | None
    job_type: str
    #: trades that worked on it: mechanical, body, paint
    trades: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Term:
    """The days of the guarantee, both included."""

    first: date
    last: date

    def has(self, day: date) -> bool:
        """Whether a day lies within the term."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Tally:
    """What was counted, and how near it comes to the limits."""

    #: the visits within the term that may be repairs of quality: what the days are counted from
    counted: tuple[Visit, ...]
    #: keys of those that are repairs of the same problem
    same: frozenset[int]
    days: int

    @property
    def repairs(self) -> int:
        """How often the same problem was repaired."""
        return len(self.same)

    @property
    def alert(self) -> Alert:
        """Whether to warn, or a limit is reached."""
        if self.days >= LIMIT_DAYS or self.repairs >= LIMIT_REPAIRS:
            return Alert.REACHED
        if self.days >= WARN_DAYS or self.repairs >= WARN_REPAIRS:
            return Alert.NEAR
        return Alert.NONE


def term_of(start: date | None, end: date | None) -> Term | None:
    """The term of a car; None where the archive does not say when it ends. Without a beginning it has begun."""
    return Term(start or date.min, end) if end is not None else None


def days_of(visit: Visit, today: date) -> int:
    """How many days a stay took, check-in and hand-back both counted; one still going on counts until today."""
    return max((visit.left_on or today) - visit.came_on, timedelta(0)).days + 1


def same_problem(visit: Visit, trades: Collection[str], own: int | None) -> bool:
    """Whether a visit looks like a repair of the ticket's problem before anybody has ticked it.

    The job that the ticket is about does, and one in which the trade of the ticket's category worked; a category that
    names no trade claims nothing.
    """
    return visit.key == own or bool(visit.trades & set(trades))


def tally(
    visits: Iterable[Visit],
    term: Term,
    today: date,
    *,
    trades: Collection[str] = (),
    own: int | None = None,
    ticked: Collection[int] | None = None,
) -> Tally:
    """Count the visits that began within the term; `ticked` are the keys that somebody chose, None: nobody has yet.

    Days on which two orders of the car overlap count once.
    """
    counted = tuple(
        one
        for one in sorted(visits, key=lambda visit: (visit.came_on, visit.key))
        if one.job_type in JOB_TYPES and term.has(one.came_on) and one.came_on <= today
    )
    if ticked is None:
        same = {one.key for one in counted if same_problem(one, trades, own)}
    else:
        same = {one.key for one in counted} & set(ticked)
    stayed = {one.came_on + timedelta(days=n) for one in counted for n in range(days_of(one, today))}
    return Tally(counted, frozenset(same), len(stayed))
