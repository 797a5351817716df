"""Which calls are made together: the reminders to one phone, and the cars of a fleet."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

#: reminders to one phone that fall due within so many days are one call with several purposes (domain 4.1)
REMINDER_DAYS = 10
#: the cars that one fleet takes over, or has repaired, within so many days are one call
FLEET_DAYS = 7


class Candidate(NamedTuple):
    """A call that may go along with another one."""

    key: Hashable
    #: those of one phone, or of one fleet, may be made together
    group: Hashable
    #: due day of a reminder, anchor day of a fleet's car
    on: date


class Standing(NamedTuple):
    """An open call that others may go along with."""

    on: date
    task_id: int


class Along(NamedTuple):
    """What a call goes along with: a call that stands already, or another candidate."""

    task_id: int | None = None
    key: Hashable = None


def together(
    candidates: Iterable[Candidate], standing: Mapping[Hashable, Sequence[Standing]], days: int
) -> dict[Hashable, Along]:
    """{key: what it goes along with} of those candidates that are no call of their own.

    A candidate goes along with the first standing call of its group at most `days` away, else with the first candidate
    of its group, from which all that follow within `days` hang. The order of the candidates is that of their day, then
    the given one.
    """
    found: dict[Hashable, Along] = {}
    heads: dict[Hashable, Candidate] = {}
    for one in sorted(candidates, key=lambda candidate: candidate.on):
        near = (call for call in standing.get(one.group, ()) if abs((one.on - call.on).days) <= days)
        call, head = next(near, None), heads.get(one.group)
        if call is not None:
            found[one.key] = Along(task_id=call.task_id)
        elif head is not None and (one.on - head.on).days <= days:
            found[one.key] = Along(key=head.key)
        else:
            heads[one.group] = one
    return found
