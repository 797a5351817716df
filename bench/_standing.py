"""A running stack for a measurement: servers of its own, web and worker, and everything stopped whatever happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bench import _shift
from bench._shift import Archive
from tests import environment
from tests.stack import Stack

WORKERS = 2


@contextmanager
def standing(
    archive: Archive, *, embedded: bool = False, worker: bool = True, env: Mapping[str, str] | None = None
) -> Iterator[Stack]:
    """A filled stack with its processes running; `embedded`: SQLite and the folder broker; `env`: added to theirs."""
    environment.enter()
    if not embedded and not environment.on_servers():
        raise SystemExit("This measurement needs PostgreSQL and Redis.")
    stack = Stack(embedded=embedded)
    try:
        stack.env |= env or {}
        _shift.fill(stack, archive)
        stack.start_web()
        if worker:
            stack.start_worker(WORKERS)
            _shift.pass_the_night(stack)
        yield stack
    finally:
        stack.stop()
        environment.leave()
