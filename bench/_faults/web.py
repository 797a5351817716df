"""T41 and T43: web processes die in the middle of forms, or are told to end, while people send what they wrote."""

from __future__ import annotations

import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from bench._faults.house import House, until
from bench._ledger import SAVED, Sent
from bench._person import Person


@dataclass(frozen=True)
class Killed:
    """Of the forms that were being sent: how many broke at least once, how many were told saved, what is untrue."""

    sent: int
    broken: int
    saved: int
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
    return Killed(len(sent), broken, sum(one.told == SAVED for one in sent), tuple(house.differences()))


def _send(person: Person, forms: int) -> None:
    """So many forms, one after another; what cannot be written (no call, a broken page) is tried again."""
    for number in range(forms):
        until(lambda number=number: (person.report() if number % 3 == 2 else person.save_a_call()) is not None, 60)


def _kill_a_child(house: House) -> None:
    with suppress(ProcessLookupError):
        os.kill(random.choice(house.children("web server")), signal.SIGKILL)


@dataclass(frozen=True)
class Renewed:
    """HUP under load: what failed, and how many of the web processes are new."""

    failed: int
    asked: int
    is_new: bool
    differences: tuple[str, ...]


def renew(house: House, seconds: float) -> Renewed:
    """Tell the web server to put fresh processes in the place of its own (SIGHUP), while people work."""
    old, began = set(house.children("web server")), time.time()
    with house.at_work():
        time.sleep(seconds / 3)
        house.signal("web server", signal.SIGHUP)
        until(lambda: not old & set(house.children("web server")), 60)
        time.sleep(seconds / 3)
    failed, asked = house.ledger.broken(began), len(house.ledger.seconds(since=began))
    new = set(house.children("web server"))
    return Renewed(len(failed), asked, bool(new) and not old & new, tuple(house.differences()))
