"""When somebody may be something to a car: days that follow each other, one owner at a time, nobody twice the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

OWNER = "owner"


class Span(NamedTuple):
    """The first and the last day of a role; None = as far back as we know, or until further notice."""

    since: date | None
    until: date | None

    def overlaps(self, other: Span) -> bool:
        """Whether both hold on at least one day."""
        begins_in_time = other.until is None or self.since is None or self.since <= other.until
        ends_in_time = self.until is None or other.since is None or other.since <= self.until
        return begins_in_time and ends_in_time


class Held(NamedTuple):
    """A role that somebody has or had on the car; `is_same` says whether it is the person and role in question."""

    role: str
    span: Span
    is_same: bool


class Problem(StrEnum):
    """Why a role cannot be noted as it was given."""

    ENDS_BEFORE = "role_ends_before"
    AHEAD = "role_ahead"
    TWICE = "role_twice"
    OWNED = "owned_by_another"


def problem(role: str, span: Span, held: Iterable[Held], *, today: date) -> tuple[Problem, Span] | None:
    """What stands against a new role, with the days that it concerns; None where nothing does.

    A role that is still open of a former owner is no obstacle for the next one: it ends the day before. Drivers,
    bringers and payers may be several at a time.
    """
    if span.since and span.until and span.until < span.since:
        return Problem.ENDS_BEFORE, span
    if any(day is not None and day > today for day in span):
        return Problem.AHEAD, span
    for one in held:
        if not one.span.overlaps(span):
            continue
        if one.is_same:
            return Problem.TWICE, one.span
        if role == one.role == OWNER and (one.span.until is not None or span.until is not None):
            return Problem.OWNED, one.span
    return None
