"""`make faults`: kills, freezes and robs the parts of a running house, and counts what people and rows lost (T38–T43).

Everything runs on private servers and loopback addresses and is removed at the end; about half an hour. REPEAT takes
the place of the numbers of repetitions below; ONLY=queue,redis,database,web,worker,folder names the parts to run; AWAY
is for how many seconds Redis is away. Rolling updates and killed migrations are measured by `make bench-rolling`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from bench._faults import database, queue, redis, web, worker
from bench._faults.house import House, dead, frozen, house, on_servers
from bench.figure import figure

ONLY = {word for word in os.environ.get("ONLY", "").split(",") if word}
AWAY_SECONDS = float(os.environ.get("AWAY") or 300)
REPEAT = os.environ.get("REPEAT")
#: the load of T09: twenty people with a pause of 3 s
CALLERS, PAUSE = 20, 3.0
VEHICLES, CALLS = 20_000, 15_000
JOBS, FORMS = 100, 50


def times(written: int) -> int:
    """REPEAT, else the number that the acceptance list has written."""
    return int(REPEAT or written)


def main() -> int:
    """Measure every fault; 1 when a bound is missed."""
    parts = {"queue": queue_lost, "redis": redis_away, "database": restarts, "web": web_killed, "worker": bad_jobs}
    wanted = {name: part for name, part in parts.items() if not ONLY or name in ONLY}
    met: list[bool] = []
    with on_servers():
        if wanted:
            with house(vehicles=VEHICLES, calls=CALLS, callers=CALLERS) as one:
                one.open(pause=PAUSE)
                for name, part in wanted.items():
                    met += told(name, part, one)
        if not ONLY or "folder" in ONLY:
            with house(vehicles=600, calls=100, callers=2, embedded=True) as small:
                small.open(pause=PAUSE)
                met += told("folder", folder_removed, small)
    return 0 if all(met) else 1


def told(name: str, part: Callable[[House], list[bool]], one: House) -> list[bool]:
    """Run one part; one that breaks off is a miss, and the others go on."""
    print(f"--- {name}", flush=True)
    try:
        return part(one)
    except AssertionError as problem:
        print(f"{name} broke off: {problem}", flush=True)
        return [figure(f"faults-{name}-broken-off", 1, "parts", goal=0)]


def queue_lost(one: House) -> list[bool]:
    """T38: Redis killed with a hundred jobs in it, its data gone."""
    found = [queue.redis_lost(one, JOBS, away=5) for _ in range(times(3))]
    return _lost("redis", found)


def folder_removed(one: House) -> list[bool]:
    """T38 without Redis: the folder of the queue removed under the worker."""
    return _lost("folder", [queue.folder_lost(one, JOBS) for _ in range(times(3))])


def _lost(what: str, found: list[queue.Lost]) -> list[bool]:
    return [
        figure(f"faults-T38-{what}-lost-all-done", max(one.seconds for one in found), "s", goal=300),
        figure(f"faults-T38-{what}-lost-undone", sum(one.undone for one in found), "jobs", goal=0),
        figure(f"faults-T38-{what}-lost-twice", sum(one.twice for one in found), "jobs", goal=0),
    ]


def redis_away(one: House) -> list[bool]:
    """T39: Redis killed for five minutes, and frozen for as long."""
    met = []
    for name, fault in (("killed", dead), ("frozen", frozen)):
        found = redis.away(one, fault(one.redis), AWAY_SECONDS)
        print(f"{name}: {found}", flush=True)
        figure(f"faults-T39-{name}-waiting-jobs-done-after", found.waiting_done_after, "s")
        figure(f"faults-T39-{name}-saved", found.saved, "calls", better="higher")
        figure(f"faults-T39-{name}-sign-ins", found.signed_in, "sign-ins", goal=1, better="higher")
        met += [
            figure(f"faults-T39-{name}-slowest-answer", found.slowest.seconds, "s", goal=2),
            figure(f"faults-T39-{name}-failed-answers", found.failed, "answers", goal=0),
            figure(f"faults-T39-{name}-job-runs-after", found.job_ran_after, "s", goal=10),
            figure(f"faults-T39-{name}-cache-used-after", found.cache_used_after, "s", goal=10),
            figure(f"faults-T39-{name}-ledger-differences", len(found.differences), "rows", goal=0),
        ]
    return met


def restarts(one: House) -> list[bool]:
    """T40: PostgreSQL stopped in immediate mode and started again under load, five times."""
    trying = database.trying(one)
    found = [database.restart(one, trying, load_seconds=15) for _ in range(times(5))]
    for line in [*trying.got_in[:5], *trying.bare[:5], *found[-1].differences[:5]]:
        print(line, flush=True)
    figure("faults-T40-tries-to-get-in", trying.tries, "tries", better="higher")
    figure("faults-T40-job-runs-after", max(each.job_ran_after for each in found), "s")
    return [
        figure("faults-T40-errors-for", max(each.seconds for each in found), "s", goal=15),
        figure("faults-T40-ledger-differences", len(found[-1].differences), "rows", goal=0),
        figure("faults-T40-got-in", len(trying.got_in), "answers", goal=0),
        figure("faults-T40-bare-errors", len(trying.bare), "answers", goal=0),
    ]


def web_killed(one: House) -> list[bool]:
    """T41: a web process killed in the middle of fifty forms."""
    one.lay_calls(times(30) * FORMS)  # a night's run may have left fewer: Redis was away, its clock caught up
    found = [web.kill_one(one, FORMS) for _ in range(times(30))]
    differences = found[-1].differences
    print(f"{sum(each.sent for each in found)} forms, {sum(each.broken for each in found)} answers broken", flush=True)
    for line in differences[:5]:
        print(line, flush=True)
    return [
        figure("faults-T41-broken-answers", sum(each.broken for each in found), "answers", goal=1, better="higher"),
        figure("faults-T41-unanswered-in-the-end", sum(each.unanswered for each in found), "forms", goal=0),
        figure("faults-T41-ledger-differences", len(differences), "rows", goal=0),
    ]


def bad_jobs(one: House) -> list[bool]:
    """T42, and T43's worker: too much memory, a process that dies, one that hangs, a worker told to end in mid-job."""
    met = []
    for kind, goal in (("swell", 60), ("die", 60), ("hang", 0)):
        with worker.capped(one):
            found = [worker.bad_job(one, kind) for _ in range(times(3) if goal else 1)]
        print(f"{kind}: {found[0]}", flush=True)
        met += [
            figure(f"faults-T42-{kind}-failed-after", max(each.seconds for each in found), "s", goal=goal or None),
            figure(f"faults-T42-{kind}-tries", max(each.tries for each in found), "tries", goal=3),
            figure(f"faults-T42-{kind}-not-failed", sum(each.state != "failed" for each in found), "jobs", goal=0),
            figure(f"faults-T42-{kind}-others-waited", max(each.other_waited for each in found), "s", goal=60),
        ]
    closed = [worker.close(one) for _ in range(times(3))]
    return [
        *met,
        figure("faults-T43-worker-stops", max(each.seconds for each in closed), "s", goal=30),
        figure("faults-T43-job-goes-on-after", max(each.went_on_after for each in closed), "s", goal=60),
        figure("faults-T43-job-begun-anew", sum(not each.went_on for each in closed), "jobs", goal=0),
    ]


if __name__ == "__main__":
    sys.exit(main())
