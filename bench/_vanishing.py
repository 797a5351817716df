"""Claimed calls whose holder's browser disappears: after the lease exactly one other gets each, and nothing is lost.

T02: `python -m bench._vanishing 50` takes fifty calls from one who vanishes.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench import _shift
from bench._ledger import REFUSED, Ledger
from bench._person import Person
from bench._shift import Archive
from bench._standing import standing
from bench.figure import figure

CALLS, OTHERS = 50, 4
LEASE_SECONDS = 10.0
RENEW_SECONDS = 1.0
#: nobody may get them before; the clocks of two processes are one, so little is enough
EARLY_SECONDS, LATE_SECONDS = 2.0, 1.0
ARCHIVE = Archive(cars=3_000, calls=1_000, tickets=50, callers=OTHERS + 1, stores=1)


@dataclass
class Vanished:
    """What became of the calls of one whose browser disappeared."""

    taken: list[int]
    too_early: int
    #: who got which call afterwards
    given: list[tuple[int, Person]]
    refused: int

    @property
    def once(self) -> int:
        """How many of the calls went to exactly one other."""
        times = Counter(call for call, _one in self.given)
        return sum(times[call] == 1 for call in self.taken)


def main(calls: int = CALLS) -> int:
    """Measure; 1 when a goal is missed."""
    archive = Archive(**(vars(ARCHIVE) | {"due": calls}))
    with standing(archive, worker=False, env={"CALL_LEASE_SECONDS": str(LEASE_SECONDS)}) as stack:
        ledger = Ledger()
        people = _shift.staff(stack, archive, ledger, pause=0)
        ledger.mark(stack.rows)
        found = vanish(people)
        met = [
            figure("vanish-calls", len(found.taken), "calls", goal=calls, better="higher"),
            figure("vanish-given-too-early", found.too_early, "calls", goal=0),
            figure("vanish-given-to-exactly-one", found.once, "calls", goal=calls, better="higher"),
            figure("vanish-late-saves-refused-with-text", found.refused, "calls", goal=calls, better="higher"),
            figure("vanish-failures", len(ledger.broken()), "answers", goal=0),
            *_shift.report_ledger("vanish", ledger, stack, lease=LEASE_SECONDS),
        ]
    return 0 if all(met) else 1


def vanish(people: Sequence[Person], *, early: float = EARLY_SECONDS, lease: float = LEASE_SECONDS) -> Vanished:
    """The first takes all calls and opens their pages; the others wait for the lease; then the first comes back.

    Calls are taken while the lease of the first one runs, so `early` seconds before its end nothing may be free.
    """
    first, others = people[0], people[1:]
    began = time.monotonic()
    while first.take_the_next_call() is not None:
        pass
    taken, until = list(first.held), time.monotonic()
    pages = {call: first.look("call page", f"/revisits/{call}/call/").text for call in taken}
    first.line.hang_up()
    _wait_until(began + lease - early)
    too_early = len(press_until_empty(others)) if time.monotonic() < began + lease else 0
    _wait_until(until + lease + LATE_SECONDS)
    given = press_until_empty(others)
    refused = sum(_save_late(first, call, pages[call], given) for call in taken)
    return Vanished(taken, too_early, given, refused)


def _save_late(first: Person, call: int, page: str, given: Sequence[tuple[int, Person]]) -> bool:
    """The first one saves after all; whether that was refused. Whoever holds the call is at it still."""
    for _call, holder in [pair for pair in given if pair[0] == call]:
        holder.press("renew", f"/revisits/{call}/renew/")
    return first.save(call, page, go_on=False).told == REFUSED


def press_until_empty(people: Sequence[Person]) -> list[tuple[int, Person]]:
    """All press next together until each is told that nothing waits; which calls were handed out, and to whom."""
    barrier = threading.Barrier(len(people))

    def press(one: Person) -> list[tuple[int, Person]]:
        barrier.wait()
        taken, renewed = [], time.monotonic()
        while (call := one.take_the_next_call()) is not None:
            taken.append((call, one))
            if time.monotonic() > renewed + RENEW_SECONDS:  # on a busy machine pressing may outlast a lease
                renewed = time.monotonic()
                for held, _one in taken:
                    one.press("renew", f"/revisits/{held}/renew/")
        return taken

    with ThreadPoolExecutor(len(people)) as pool:
        return [pair for taken in pool.map(press, people) for pair in taken]


def _wait_until(moment: float) -> None:
    time.sleep(max(moment - time.monotonic(), 0))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
