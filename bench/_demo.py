"""What measurements of the demo world stand on: private servers, a database of its own, Django set up on it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests import environment
from tests.stack import Stack


@contextmanager
def demo_world(*, embedded: bool = False, scale: float = 1) -> Iterator[tuple[Stack, float]]:
    """A stack filled with the demo world, whole or in part, and the seconds that took; this process looks at it."""
    environment.enter()
    stack = Stack(embedded=embedded or not environment.on_servers())
    try:
        started = time.monotonic()
        stack.manage("demo", "--scale", str(scale))
        seconds = time.monotonic() - started
        os.environ |= {name: stack.env[name] for name in ("DATABASE_URL", "REDIS_URL", "HUIFANG_VAR")}
        yield stack, seconds
    finally:
        stack.stop()
        environment.leave()


def engine(stack: Stack) -> str:
    """On which engine a stack stands, as a word of a figure's name."""
    return "postgresql" if stack.database else "sqlite"
