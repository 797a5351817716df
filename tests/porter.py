"""Keeps the door of the in-process web server: nobody is answered while the test database is put back.

A page that a browser test leaves behind says goodbye with a request of its own (a kept draft, a presence that ends).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started

#: seconds that whoever is being answered may take before the door is shut over him
PATIENCE = 20


class TurnedAway(Exception):
    """A request came between two tests: it belongs to a test that has ended."""


class Porter:
    """Counts whom the server is answering, and can shut the door behind the last of them."""

    def __init__(self) -> None:
        """Nobody is inside, and the door is open."""
        self.inside = 0
        self.is_shut = False
        self.change = threading.Condition()

    def stand(self) -> None:
        """Stand at the door from now on."""
        request_started.connect(self._enter, weak=False)
        request_finished.connect(self._leave, weak=False)

    @contextlib.contextmanager
    def shut(self) -> Iterator[None]:
        """Let nobody in, wait until whoever is inside has left, and open again at the end."""
        with self.change:
            self.is_shut = True
            self.change.wait_for(lambda: self.inside == 0, timeout=PATIENCE)
        try:
            yield
        finally:
            with self.change:
                self.is_shut = False

    def _enter(self, sender: type, **_: Any) -> None:
        """Count one in; the test client, whose requests are answered by the test itself, is not asked.

        Raises:
            TurnedAway: the door is shut.
        """
        if not issubclass(sender, WSGIHandler):
            return
        with self.change:
            if self.is_shut:
                raise TurnedAway
            self.inside += 1

    def _leave(self, sender: type | None, **_: Any) -> None:
        if sender is not None and issubclass(sender, WSGIHandler):
            with self.change:
                self.inside -= 1
                self.change.notify_all()
