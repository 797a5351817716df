"""T40: PostgreSQL is stopped in immediate mode under load; who is told what, and who gets in while it is away."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench._faults.house import House, until
from bench._line import Answer, Line, value_of_field
from bench._person import Person

#: what somebody who is not signed in may see
OPEN_PAGES = ("/sign-in/", "/healthz")
#: seconds for which the database stays away, so that people and intruders meet it away
AWAY_SECONDS = 3.0


@dataclass
class Trying:
    """What came of trying to get in where one has no right to: without a sign-in, by a wrong password, as no admin.

    `specialist` signs in once: the wrong passwords soon lock this address out for browsers that nobody knows.
    """

    specialist: Person
    tries: int = 0
    unavailable: int = 0
    got_in: list[str] = field(default_factory=list)
    #: answers of the fault that a person could not use: a bare 500, or a 503 without a word and a time
    bare: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Restarted:
    """For one restart: seconds from the stop to the last answer that failed, and what the ledger says of it."""

    seconds: float
    failed: int
    differences: tuple[str, ...]
    job_ran_after: float


def trying(house: House) -> Trying:
    """Nothing is tried yet; the specialist is signed in."""
    specialist = house.person(0)
    assert specialist.sign_in(), f"{specialist.login} could not sign in"
    return Trying(specialist)


def restart(house: House, trying: Trying, load_seconds: float) -> Restarted:
    """Under load, stop PostgreSQL at once, start it again, and look on for a while."""
    with house.at_work(), intruders(house, trying):
        time.sleep(load_seconds)
        stopped = time.time()
        _stop_at_once(house)
        job = _ask_soon(house)
        until(lambda: house.states(job) == {"done"}, stack=house.stack)
        job_ran_after = time.time() - stopped
        time.sleep(load_seconds)
    broken = house.ledger.broken(stopped)
    last = max((one.began + one.seconds for one in broken), default=stopped)
    return Restarted(last - stopped, len(broken), tuple(house.differences()), job_ran_after)


def _stop_at_once(house: House) -> None:
    """SIGQUIT is PostgreSQL's immediate mode: every line is cut, and the start reads the log as after a crash."""
    server = house.postgres
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGQUIT)
    server.process.wait(30)
    time.sleep(AWAY_SECONDS)
    server.start_again()


def _ask_soon(house: House) -> list[int]:
    """A job asked for as soon as the database is there."""
    return house.ask("mark")


@contextmanager
def intruders(house: House, trying: Trying) -> Iterator[None]:
    """Somebody tries the doors all the time."""
    over = threading.Event()
    stranger = Line(house.stack.port)

    def loop() -> None:
        while not over.wait(0.1):
            for path in ("/", "/customers/", "/revisits/", "/history/"):
                _note(trying, "a stranger", stranger.get(path), may_see=False)
            _note(trying, "a wrong password", _wrong_password(house), may_see=False)
            for path in ("/imports/", "/history/"):
                _note(trying, "a specialist", trying.specialist.line.get(path), may_see=False)

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _wrong_password(house: House) -> Answer:
    """What a sign-in with a wrong password leads to: the page behind it."""
    line = Line(house.stack.port)
    page = line.get("/sign-in/")
    token = value_of_field(page.text, "csrfmiddlewaretoken")
    values = {"username": "bench1", "password": "not this one", "csrfmiddlewaretoken": token, "next": "/customers/"}
    answer = line.post("/sign-in/", values)
    return line.get("/customers/") if answer.status == 302 else answer


def _note(trying: Trying, who: str, answer: Answer, *, may_see: bool) -> None:
    """Sort one answer: kept out, told that the database is away, or let in."""
    trying.tries += 1
    if answer.status == 200 and not may_see:
        trying.got_in.append(f"{who} got in: {answer.text[:120]}")
    if answer.status == 503:
        trying.unavailable += 1
        if "<h1" not in answer.text:
            trying.bare.append(f"{who} got a 503 without a word")
    elif answer.status >= 500:
        trying.bare.append(f"{who} got {answer.status}")
