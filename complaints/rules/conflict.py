"""Conflict of interest: who may not decide about a complaint because it is about them (domain 1.3, 6.2)."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class Conflict(StrEnum):
    """How somebody is involved in the matter."""

    NONE = ""
    ACCUSED = "accused"
    LIABLE = "liable"
    SERVED = "served"


#: these neither handle, approve, close nor confirm; who served may, with a second approval
BLOCKED = frozenset({Conflict.ACCUSED, Conflict.LIABLE})


def of(
    employee_id: int, *, accused_id: int | None, liable_ids: Collection[int], served_ids: Collection[int]
) -> Conflict:
    """The gravest involvement of an employee in a ticket."""
    if employee_id == accused_id:
        return Conflict.ACCUSED
    if employee_id in liable_ids:
        return Conflict.LIABLE
    return Conflict.SERVED if employee_id in served_ids else Conflict.NONE


def is_blocked(conflict: Conflict) -> bool:
    """Whether this involvement bars from deciding."""
    return conflict in BLOCKED
