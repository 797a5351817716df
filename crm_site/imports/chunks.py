"""One transaction of a long job: all or nothing, and tried again where the engine broke a deadlock by ending it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, transaction

from crm_site.core.sql import is_deadlock, let_others_write
from crm_site.jobs.runner import Run

T = TypeVar("T")
#: Times that one chunk is tried before the job breaks off (and is taken up again by the ledger).
TRIES = 5


def in_one(run: Run, act: Callable[[], T]) -> T:
    """Call `act` in a transaction that holds the job, and give what it gives; people get in between two of them."""
    let_others_write()
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                run.hold()
                return act()
        except OperationalError as broken:
            if not left or not is_deadlock(broken):
                raise
    raise AssertionError("unreachable")
