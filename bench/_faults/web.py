"""T41: a web process dies in the middle of forms; whoever got no answer sends again what they wrote."""

from __future__ import annotations

import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from bench._faults.house import House, until
from bench._ledger import UNKNOWN, Sent
from bench._person import Person


@dataclass(frozen=True)
class Killed:
    """Of the forms that were sent: how many answers broke, how many forms never got one, and what is untrue."""

    sent: int
    broken: int
    unanswered: int
    differences: tuple[str, ...]


def kill_one(house: House, forms: int) -> Killed:
    """While so many forms (two calls to one ticket) are sent, kill -9 a web process; each is sent till answered."""
    before, heard = set(house.ledger.sent), len(house.ledger.heard)
    share = -(-forms // len(house.people))
    with ThreadPoolExecutor(len(house.people)) as pool:
        sending = [pool.submit(_send, one, share) for one in house.people]
        until(lambda: len(house.ledger.sent) - len(before) >= len(house.people), 60)
        time.sleep(random.random() * 0.3)
        _kill_a_child(house)
        for one in sending:
            one.result()
    sent: list[Sent] = [one for key, one in house.ledger.sent.items() if key not in before]
    broken = sum(not 0 < one.status < 500 for one in house.ledger.heard[heard:])
    return Killed(len(sent), broken, sum(one.told == UNKNOWN for one in sent), tuple(house.differences()))


def _send(person: Person, forms: int) -> None:
    """So many forms, one after another; what cannot be written (no call, a broken page) is tried again."""
    person.is_over = lambda: False  # whoever was at work before insists again on an answer
    for number in range(forms):
        write = person.report if number % 3 == 2 else person.save_a_call
        try:
            until(lambda write=write: write() is not None, 60)
        except AssertionError as vain:
            last = [f"{one.kind} {one.status}" for one in person.ledger.heard if one.login == person.login][-6:]
            raise AssertionError(f"{vain}: {person.login} heard {', '.join(last)}") from None


def _kill_a_child(house: House) -> None:
    with suppress(ProcessLookupError):
        os.kill(random.choice(house.children("web server")), signal.SIGKILL)
