"""T38: the queue is lost with all that stood in it; every job that was asked for is done all the same, once."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass

from bench._faults.house import House, dead, until


@dataclass(frozen=True)
class Lost:
    """How long all jobs took after the queue was back, and how often their work was done in the end."""

    seconds: float
    undone: int
    twice: int


def redis_lost(house: House, count: int, away: float) -> Lost:
    """Jobs wait in Redis, some are being done; it is killed, and comes back empty after `away` seconds."""
    ids = house.ask("mark", count, seconds=0.2)
    until(lambda: sum(house.marks(ids)) >= 2, 60, house.stack)
    with dead(house.redis):
        time.sleep(away)
    return _until_done(house, ids)


def folder_lost(house: House, count: int) -> Lost:
    """The same for the queue in a folder: somebody removes the folder while the worker lives on it."""
    ids = house.ask("mark", count, seconds=0.2)
    until(lambda: sum(house.marks(ids)) >= 2, 60, house.stack)
    shutil.rmtree(house.stack.folder / "broker")
    lost = _until_done(house, ids)
    later = house.ask("mark")  # and the queue is a queue again, not only the sweep
    until(lambda: house.states(later) == {"done"}, 60, house.stack)
    return lost


def _until_done(house: House, ids: list[int]) -> Lost:
    seconds = until(lambda: house.states(ids) == {"done"}, stack=house.stack)
    marks = house.marks(ids)
    return Lost(seconds, marks.count(0), sum(times > 1 for times in marks))
