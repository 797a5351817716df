"""T42 and T43: a worker that runs out of memory, loses its processes, hangs, or is told to end in mid-job."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from bench._faults.house import House, until
from bench._watch import _children, _megabytes, repeating
from bench.figure import plain

LIMIT_MB = 300


@dataclass(frozen=True)
class Ended:
    """How a bad job ended: after how many tries and seconds, with which code, and how long another waited beside it."""

    state: str
    tries: int
    error: str
    seconds: float
    other_waited: float

    def __str__(self) -> str:
        return f"{self.state} ({self.error}) after {self.tries} tries in {plain(self.seconds)} s"


def bad_job(house: House, kind: str) -> Ended:
    """Ask for a job that cannot end well, and for good ones beside it."""
    bad = house.ask(kind)
    began = time.monotonic()
    waited = 0.0
    while house.states(bad) & {"queued", "running"}:
        good = house.ask("mark")
        waited = max(waited, until(lambda good=good: house.states(good) == {"done"}, stack=house.stack))
        assert time.monotonic() - began < 600, "the bad job never ends"
    state, tries, error, _ = house.jobs(bad)[0]
    return Ended(state, tries, error, time.monotonic() - began, waited)


@contextmanager
def capped(house: House, megabytes: float = LIMIT_MB) -> Iterator[None]:
    """Kill what uses more memory than that, process by process, as the kernel does within a limited group."""

    def look() -> None:
        for pid in _family(house.stack.processes["worker"].pid):
            if _megabytes(pid) > megabytes:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    with repeating(look, 0.02):
        yield


def _family(pid: int) -> Iterator[int]:
    for child in _children(pid):
        yield child
        yield from _family(child)


@dataclass(frozen=True)
class Closed:
    """A worker told to end in the middle of a job: seconds until it had ended, and what became of the job."""

    seconds: float
    kept: int
    went_on_after: float
    went_on: bool
    tries: int


def end(house: House) -> float:
    """Tell the worker to end; the seconds that it takes."""
    process = house.stack.processes.pop("worker")
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(120)
    return time.monotonic() - began


def close(house: House) -> Closed:
    """TERM in mid-job; then a new worker goes on where the old one stopped."""
    job = house.ask("long")
    until(lambda: house.jobs(job)[0][3] > 5, 60, house.stack)
    seconds, kept = end(house), house.jobs(job)[0][3]
    house.stack.start_worker(2)
    seen: list[int] = []

    def goes_on() -> bool:
        seen.append(house.jobs(job)[0][3])
        return seen[-1] > kept

    went_on_after = until(goes_on, stack=house.stack)
    until(lambda: house.states(job) == {"done"}, stack=house.stack)
    return Closed(seconds, kept, went_on_after, min(seen) >= kept, house.jobs(job)[0][1])
