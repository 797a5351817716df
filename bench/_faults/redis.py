"""T39: Redis is away, killed or frozen; people sign in, take calls and save them, and all is as before soon after."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bench._faults.house import House, until
from bench._ledger import CALL, SAVED, Heard
from bench._person import Person

#: what people do while Redis is away; lists come along, for every page asks the cache
MIX = {"list": 20, "save": 50, "claim": 20, "ticket": 10}


@dataclass(frozen=True)
class Away:
    """What people met while Redis was away, and how soon all was as before."""

    slowest: Heard
    failed: int
    saved: int
    signed_in: int
    differences: tuple[str, ...]
    job_ran_after: float
    cache_used_after: float
    waiting_done_after: float


def away(house: House, fault: AbstractContextManager[None], seconds: float) -> Away:
    """Everybody works on while `fault` holds Redis away for some seconds; then one looks when all is as before."""
    for one in house.people:
        one.mix = MIX
    signs_in, signed_in, saved = house.person(0), 0, house.ledger.count(SAVED, CALL)
    with fault, house.at_work():
        waiting = house.ask("mark", 3)
        began, ends = time.time(), time.monotonic() + seconds
        while time.monotonic() < ends:
            signed_in += signs_in.sign_in()
            time.sleep(1)
        ended = time.time()
    job_ran_after = _a_job_runs_after(house)
    met = [one for one in house.ledger.heard if began <= one.began <= ended]
    return Away(
        slowest=max(met, key=lambda one: one.seconds),
        failed=sum(not 0 < one.status < 500 for one in met),
        saved=house.ledger.count(SAVED, CALL) - saved,
        signed_in=signed_in,
        differences=tuple(house.differences()),
        job_ran_after=job_ran_after,
        cache_used_after=_cache_is_used_after(house, house.people[0]),
        waiting_done_after=until(lambda: house.states(waiting) == {"done"}, stack=house.stack),
    )


def _a_job_runs_after(house: House) -> float:
    """Seconds from now until a job is done that is asked for now."""
    began = time.monotonic()
    job = house.ask("mark")
    until(lambda: house.states(job) == {"done"}, stack=house.stack)
    return time.monotonic() - began


def _cache_is_used_after(house: House, person: Person) -> float:
    """Seconds from now until Redis holds what the pages keep in it: how often somebody has asked."""
    from redis import Redis

    line = Redis.from_url(house.stack.env["REDIS_URL"])

    def holds() -> bool:
        person.take_the_next_call()
        return any(b"limit:" in key for key in line.keys("*"))

    return until(holds, 60)
