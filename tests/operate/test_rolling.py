"""An update restarts the web servers one after the other, and nobody who works meets an error (short form of T43)."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests import environment
from tests.operate.rolling import STOP_SECONDS, Door
from tests.stack import Stack

pytestmark = pytest.mark.races


@pytest.fixture
def door():
    """Two web servers behind one door, on a database of their own."""
    stack = Stack(embedded=not environment.on_servers())
    made = Door(stack.env)
    try:
        made.start("a")
        made.start("b")
        yield made
    finally:
        made.close()
        stack.stop()


def ask_on(port: int, over: threading.Event, answers: list, methods=("GET", "POST")) -> None:
    """One request after another until told that it is over; what breaks counts as 0."""
    while not over.is_set():
        for method in methods:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                line.request(method, "/sign-in/", body="x=1" if method == "POST" else None)
                answer = line.getresponse()
                answer.read()
                answers.append(answer.status)
            except (OSError, http.client.HTTPException):
                answers.append(0)
            finally:
                line.close()


@contextmanager
def asked(door: Door, people: int, methods=("GET", "POST")) -> Iterator[list[int]]:
    """People who ask all the time while the block runs; the statuses of all answers."""
    answers, over = [], threading.Event()
    asking = [threading.Thread(target=ask_on, args=(door.port, over, answers, methods)) for _one in range(people)]
    for thread in asking:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in asking:
            thread.join()


def test_no_request_fails_while_servers_restart_and_without_any_they_wait(door):
    with asked(door, 4) as answers:
        door.roll()
    assert set(answers) == {200, 403}, door.said("a")  # the page, and a form without its token
    assert len(answers) > 20
    door.stop("a")
    door.stop("b")
    with asked(door, 2, ("GET",)) as answers:
        door.start("a")
    assert set(answers) == {200}
    assert max(door.stops) < STOP_SECONDS
