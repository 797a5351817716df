"""People at work for so many minutes: twenty on PostgreSQL (T09), or five on SQLite beside an import (T10).

`MINUTES=2 python -m bench._day postgresql` tries it; SCALE=0.1 shrinks the archive, CALLERS the number of people.
"""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import dataclass

from bench import _importing, _shift
from bench._ledger import Ledger
from bench._shift import Archive
from bench._standing import standing
from bench.figure import figure
from tests.stack import Stack


@dataclass(frozen=True)
class Day:
    """Who works for how long on what, and how fast answers must be."""

    name: str
    callers: int
    minutes: float
    p95_ms: float
    p99_ms: float | None = None
    embedded: bool = False
    #: rows that are imported meanwhile
    rows: int = 0


SERVERS = Day("load", callers=20, minutes=30, p95_ms=500, p99_ms=1_500)
EMBEDDED = Day("load-sqlite", callers=5, minutes=10, p95_ms=1_000, embedded=True, rows=5_000)
DAYS = {"postgresql": SERVERS, "sqlite": EMBEDDED}
#: the import begins when so much of the time is over
IMPORT_AFTER = 0.2
LOCKED = "database is locked"


def main(day: Day) -> int:
    """Measure; 1 when a goal is missed."""
    seconds, pause = 60 * _shift.minutes(day.minutes), _shift.pace()
    callers = int(os.environ.get("CALLERS") or day.callers)
    due = _shift.calls_needed(callers, seconds, pause)
    archive = Archive(callers=callers, due=due).scaled(float(os.environ.get("SCALE") or 1))
    _shift.say_load("before")
    with standing(archive, embedded=day.embedded) as stack:
        met = live(stack, archive, day, seconds, pause)
    _shift.say_load("after")
    return 0 if all(met) else 1


def live(stack: Stack, archive: Archive, day: Day, seconds: float, pause: float) -> list[bool]:
    """Let them work and compare; whether each figure meets its goal."""
    ledger = Ledger()
    people = _shift.staff(stack, archive, ledger, pause=pause)
    looks = _shift.watch(stack)
    ledger.mark(stack.rows)
    print(
        f"{len(people)} people work for {seconds / 60:.1f} minutes, a pause of {pause} s after each thing", flush=True
    )
    bringing = Bringing(stack, day.rows, seconds * IMPORT_AFTER)
    _shift.work(people, seconds, looks, bringing if day.rows else None)
    met = []
    if day.rows:
        met.append(figure(f"{day.name}-imported", bringing.came_in, "rows", goal=day.rows, better="higher"))
    _shift.report_processors(day.name, looks, ledger)
    met += _shift.report_answers(day.name, ledger, p95_ms=day.p95_ms, p99_ms=day.p99_ms)
    met += _shift.report_ledger(day.name, ledger, stack)
    if day.embedded:
        met.append(figure(f"{day.name}-locked", locked(stack), "lines", goal=0))
    else:
        figure(f"{day.name}-connections", looks.connections, "connections")
        met += _shift.report_memory(day.name, looks, only="web server")
    return met


def locked(stack: Stack) -> int:
    """How often a process of the stack has written that its database is locked."""
    logs = [path.read_text(errors="replace") for path in stack.folder.glob("*.log")]
    return sum(text.count(LOCKED) for text in logs)


class Bringing:
    """Brings one file when a while is over."""

    def __init__(self, stack: Stack, rows: int, after: float) -> None:
        self.stack, self.rows, self.after, self.came_in = stack, rows, after, 0

    def __call__(self, over: threading.Event) -> None:
        """Wait, bring the file, and wait until its rows are in."""
        if not over.wait(self.after):
            self.came_in = _importing.bring_beside(self.stack, self.rows)


if __name__ == "__main__":
    sys.exit(main(DAYS[sys.argv[1]]))
