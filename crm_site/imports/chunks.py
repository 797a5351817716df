"""One transaction of a long job: all or nothing, and tried again where the engine broke a deadlock by ending it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from crm_site.core.sql import let_others_write
from crm_site.core.turns import in_turn
from crm_site.jobs.runner import Run

T = TypeVar("T")


def in_one(run: Run, act: Callable[[], T]) -> T:
    """Call `act` in a transaction that holds the job, and give what it gives; people get in between two of them."""

    def held() -> T:
        run.hold()
        return act()

    let_others_write()
    return in_turn(held)
