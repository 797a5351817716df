"""Work in a transaction of its own, done once more where it waited crosswise for others and the engine ended it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection, transaction

from crm_site.core.sql import is_deadlock

T = TypeVar("T")
#: how often it is tried; a job that has broken off after that is taken up again by the ledger
TRIES = 5


def in_turn(act: Callable[[], T]) -> T:
    """Do it in a transaction of its own, and once more where the engine ended it to break a deadlock."""
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                return act()
        except OperationalError as broken:
            if connection.in_atomic_block or not left or not is_deadlock(broken):
                raise
    raise AssertionError("unreachable")
