"""Looks on while a worker works: its memory, how often its job reports, how fast pages are meanwhile."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PAGE_BYTES = 4096
EVERY = 0.1


@contextmanager
def repeating(look: Callable[[], None], pause: float = EVERY) -> Iterator[None]:
    """Call something again and again in a thread of its own, until the block ends."""
    over = threading.Event()

    def loop() -> None:
        while not over.wait(pause):
            look()

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Memory:
    """The most that one worker process and the child that reads its file have used together, in MB."""

    def __init__(self, worker: int) -> None:
        self.worker, self.peak = worker, 0.0

    def look(self) -> None:
        """One sample."""
        family = ([child, *_children(child)] for child in _children(self.worker))
        self.peak = max([self.peak, *(sum(map(_megabytes, pids)) for pids in family)])


class Progress:
    """The longest time in which a job's figures stood still, in seconds."""

    def __init__(self) -> None:
        self.gap, self._last, self._since = 0.0, None, time.monotonic()

    def look(self, figures: object) -> None:
        """What the job's row says now."""
        now = time.monotonic()
        if figures != self._last:
            self.gap, self._last, self._since = max(self.gap, now - self._since), figures, now


def family(pid: int) -> list[int]:
    """A process and everything below it."""
    return [pid, *(one for child in _children(pid) for one in family(child))]


def proportional_megabytes(pid: int) -> float:
    """What a process has for itself, and its part of what it shares (PSS), in MB; 0 when it is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in text.splitlines() if line.startswith("Pss:")), 0.0)


def processor_seconds(pids: list[int]) -> float:
    """How long processes, and what they started and have seen end, had a processor."""
    return sum(map(_processor_seconds, pids))


def _processor_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _megabytes(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES / 1_000_000
    except OSError:
        return 0.0
