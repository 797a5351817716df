"""Waits until a live server answers nobody any more."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from django.core.signals import request_finished, request_started

#: how long nothing must have been asked; a page that is closed sends its last draft after it is gone
QUIET_SECONDS = 0.4
LIMIT_SECONDS = 20.0


class Answers:
    """How many requests are being answered now, and when that last changed."""

    def __init__(self) -> None:
        """Nothing is being answered."""
        self.open, self.changed, self.lock = 0, time.monotonic(), Lock()

    def begin(self, **kwargs: object) -> None:
        """Count a request that began."""
        self._count(1)

    def end(self, **kwargs: object) -> None:
        """Count a request that was answered."""
        self._count(-1)

    def wait(self) -> None:
        """Return when nothing has been asked for a moment, or after 20 seconds."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while (self.open > 0 or time.monotonic() - self.changed < QUIET_SECONDS) and time.monotonic() < deadline:
            time.sleep(0.05)

    def _count(self, change: int) -> None:
        with self.lock:
            self.open, self.changed = self.open + change, time.monotonic()


@contextmanager
def counted() -> Iterator[Answers]:
    """Counts every request of this process while the block runs."""
    answers = Answers()
    request_started.connect(answers.begin)
    request_finished.connect(answers.end)
    try:
        yield answers
    finally:
        request_started.disconnect(answers.begin)
        request_finished.disconnect(answers.end)
