"""An hour at eightfold pace (T45): ten people, an import every seven minutes; does anything grow, stay or pile up?

`MINUTES=6 EVERY=2 make bench-soak` tries it; SCALE=0.1 shrinks the archive.
"""

from __future__ import annotations

import os
import threading
import time

from bench import _importing, _shift
from bench._ledger import Ledger
from bench._shift import Archive
from bench._standing import WORKERS, standing
from bench.figure import figure
from tests.stack import Stack

CALLERS, MINUTES, FASTER = 10, 60, 8
ROWS, EVERY_MINUTES = 2_000, 7
#: what may still be in the queue when everybody has gone home is done by then
EMPTY_SECONDS = 180.0
WEB = 2
#: one connection a web process, two a worker process (its work, and its sign of life), the worker and its scheduler
#: with one each, and one for the file that is being brought
CONNECTIONS = WEB + 2 * WORKERS + 2 + 1
FAILED_JOBS = "SELECT count(*) FROM jobs_job WHERE state = 'failed'"


def main() -> int:
    """Measure; 1 when a goal is missed."""
    seconds, pause = 60 * _shift.minutes(MINUTES), _shift.pace() / FASTER
    due = _shift.calls_needed(CALLERS, seconds, pause)
    archive = Archive(callers=CALLERS, due=due).scaled(float(os.environ.get("SCALE") or 1))
    _shift.say_load("before")
    with standing(archive) as stack:
        met = live(stack, archive, seconds, pause)
    _shift.say_load("after")
    return 0 if all(met) else 1


def live(stack: Stack, archive: Archive, seconds: float, pause: float) -> list[bool]:
    """Let them work, look at what has grown, and compare; whether each figure meets its goal."""
    ledger = Ledger()
    people = _shift.staff(stack, archive, ledger, pause=pause)
    looks = _shift.watch(stack)
    ledger.mark(stack.rows)
    parcels = Parcels(stack, 60 * float(os.environ.get("EVERY") or EVERY_MINUTES))
    _shift.work(people, seconds, looks, parcels)
    _shift.report_processors("soak", looks, ledger)
    left = drained(stack)
    figure("soak-imports", len(parcels.came_in), "files", better="higher")
    lost = sum(rows != ROWS for rows in parcels.came_in)
    return [
        figure("soak-imports-incomplete", lost, "files", goal=0),
        figure("soak-jobs-left", left, "jobs", goal=0),
        figure("soak-jobs-failed", stack.look(FAILED_JOBS)[0], "jobs", goal=0),
        figure("soak-connections", looks.connections, "connections", goal=CONNECTIONS),
        *_shift.report_memory("soak", looks),
        *_shift.report_answers("soak", ledger, p95_ms=None, p99_ms=None),
        *_shift.report_ledger("soak", ledger, stack),
    ]


def drained(stack: Stack) -> int:
    """How many jobs are still open after the queue had time to become empty."""
    deadline = time.monotonic() + EMPTY_SECONDS
    while (left := stack.look(_shift.OPEN_JOBS)[0]) and time.monotonic() < deadline:
        time.sleep(1)
    return left


class Parcels:
    """Brings a file every so many seconds, each with orders of its own."""

    def __init__(self, stack: Stack, every: float) -> None:
        self.stack, self.every = stack, every
        self.came_in: list[int] = []

    def __call__(self, over: threading.Event) -> None:
        """Bring one file after another until it is over."""
        began = time.monotonic()
        while not over.wait(max(began + (len(self.came_in) + 1) * self.every - time.monotonic(), 0)):
            first = len(self.came_in) * ROWS
            self.came_in.append(_importing.bring_beside(self.stack, ROWS, first=first))
