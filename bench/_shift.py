"""People at work on a filled archive: fills it, lets them work for a while, and says what they met with.

Nothing here needs Django: the archive is filled by a process of the stack, and looked at through its engine.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from bench._ledger import CALL, REFUSED, SAVED, TICKET, UNKNOWN, Ledger, quantile
from bench._person import MIX, PASSWORD, PAUSE_SECONDS, Person
from bench._watch import family, processor_seconds, proportional_megabytes, repeating
from bench.figure import figure
from tests import environment
from tests.stack import Stack

#: the archive that the acceptance tests name
STORES, CARS, CALLS, TICKETS = 3, 120_000, 300_000, 5_000
#: of the time before memory is compared, and at its end
WARM_UP_SHARE, LAST_SHARE = 0.2, 0.1
SAMPLE_SECONDS = 2.0
#: what is still being asked when the time is over has so long to be answered
GRACE_SECONDS = 60.0
#: every periodic task once; what is due is then known by its key, so that no tick during the day does it again
NIGHT = """
from django.conf import settings
from crm_site.celery import app
app.loader.import_default_modules()
for entry in settings.CELERY_BEAT_SCHEDULE.values():
    app.tasks[entry["task"]]()
"""
NIGHT_SECONDS = 900.0
OPEN_JOBS = "SELECT count(*) FROM jobs_job WHERE state IN ('queued', 'running')"
FILL = "from bench import _shift; _shift.write_archive(**{values!r})"


@dataclass(frozen=True)
class Archive:
    """How much stands in the archive before the first question."""

    cars: int = CARS
    calls: int = CALLS
    tickets: int = TICKETS
    callers: int = 20
    due: int = 1_000
    stores: int = STORES

    def scaled(self, scale: float) -> Archive:
        """The same with less in it, for trying."""
        return Archive(
            int(self.cars * scale), int(self.calls * scale), int(self.tickets * scale), self.callers, self.due,
            self.stores,
        )  # fmt: skip

    def customers_of(self, number: int) -> range:
        """The customers of the store in which the n-th caller works."""
        first = number % self.stores or self.stores
        return range(first, self.cars + 1, self.stores)


def write_archive(*, cars: int, calls: int, tickets: int, callers: int, due: int, stores: int) -> None:
    """Fill the database of this process, which stands inside a stack; see `fill`."""
    from bench import _seed
    from crm_site.core import clock

    today, now = clock.today(), clock.now()
    seed = _seed.fill(vehicles=cars, stores=stores, today=today, now=now, live_days=1)
    _seed.specialists(seed, callers, PASSWORD)
    _seed.past_calls(seed, calls, today=today, now=now)
    _seed.tickets(seed, tickets, today=today, now=now)
    _seed.due_calls(due, today=today, now=now)
    _seed.analyse()


def fill(stack: Stack, archive: Archive) -> None:
    """Fill a stack's database, in a process of its own."""
    began = time.monotonic()
    stack.manage("shell", "--no-imports", "-c", FILL.format(values=vars(archive)))
    print(f"archive filled in {time.monotonic() - began:.0f} s: {archive}", flush=True)


def pass_the_night(stack: Stack) -> None:
    """Let the worker do what it does once a business day: whoever comes in the morning finds it done."""
    began = time.monotonic()
    stack.manage("shell", "--no-imports", "-c", NIGHT)
    while (left := stack.look(OPEN_JOBS)[0]) and time.monotonic() - began < NIGHT_SECONDS:
        time.sleep(1)
    print(f"the night's jobs took {time.monotonic() - began:.0f} s, {left} are left", flush=True)


def staff(stack: Stack, archive: Archive, ledger: Ledger, **more: Any) -> list[Person]:
    """The callers, each signed in; raises when one cannot sign in."""
    people = [
        Person(stack.port, f"bench{number}", ledger, customers=archive.customers_of(number), **more)
        for number in range(archive.callers)
    ]
    for one in people:
        assert one.sign_in(), f"{one.login} could not sign in: {ledger.failures[-1:]}\n{stack.log('web server')}"
    return people


@dataclass
class Memory:
    """Samples of what a process and everything that it started uses, in MB; shared pages count in part."""

    pid: int
    samples: list[tuple[float, float]] = field(default_factory=list)

    def look(self) -> None:
        """One sample."""
        used = sum(map(proportional_megabytes, family(self.pid)))
        if used:
            self.samples.append((time.monotonic(), used))

    def growth(self, share: float = WARM_UP_SHARE) -> tuple[float, float, float]:
        """MB after warming up, MB at the end, and by how many per cent it grew; means of a tenth of the time each."""
        if not self.samples:
            return 0.0, 0.0, 0.0
        first, last = self.samples[0][0], self.samples[-1][0]
        width = (last - first) * LAST_SHARE
        warm = first + (last - first) * share
        before = _mean([used for at, used in self.samples if warm <= at <= warm + width])
        after = _mean([used for at, used in self.samples if at >= last - width])
        return before, after, 100 * (after - before) / before if before else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


@dataclass
class Watch:
    """What is looked at beside the people: memory by process name, processors, connections to the database."""

    memories: dict[str, Memory]
    #: name -> the process above all that answer requests, and how long they had had a processor before
    busy: dict[str, tuple[int, float]]
    connections: int = 0
    count: Callable[[], int] = lambda: 0

    def look(self) -> None:
        """One sample of each."""
        for memory in self.memories.values():
            memory.look()
        self.connections = max(self.connections, self.count())

    def processor_seconds(self) -> dict[str, float]:
        """How long each had a processor since the beginning."""
        return {name: processor_seconds(family(pid)) - before for name, (pid, before) in self.busy.items()}


def watch(stack: Stack) -> Watch:
    """Looks at everything that a stack runs."""
    memories = {name: Memory(process.pid) for name, process in stack.processes.items()}
    pids = {"web": stack.processes["web server"].pid}
    if environment.postgres is not None and environment.postgres.process is not None and stack.database:
        pids["database"] = environment.postgres.process.pid
    busy = {name: (pid, processor_seconds(family(pid))) for name, pid in pids.items()}
    query = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{stack.database}'"
    # the look itself is one connection
    return Watch(memories, busy, count=(lambda: stack.look(query)[0] - 1) if stack.database else (lambda: 0))


def work(
    people: Sequence[Person], seconds: float, looks: Watch, beside: Callable[[threading.Event], None] | None = None
) -> None:
    """Let everybody work for so long, and something else `beside` them; raises what went wrong in a thread."""
    until, over, given_up = time.monotonic() + seconds, threading.Event(), threading.Event()
    with repeating(looks.look, SAMPLE_SECONDS), ThreadPoolExecutor(len(people) + 1) as pool:
        jobs = [pool.submit(one.work, until, is_over=given_up.is_set) for one in people]
        aside = pool.submit(beside, over) if beside is not None else None
        time.sleep(max(until - time.monotonic(), 0))
        over.set()
        give_up = threading.Timer(GRACE_SECONDS, given_up.set)
        give_up.daemon = True
        give_up.start()
        for job in [*jobs, *([aside] if aside else [])]:
            job.result()
        give_up.cancel()


# ---- what came of it -------------------------------------------------------------------------------------------------


def report_answers(name: str, ledger: Ledger, *, p95_ms: float | None, p99_ms: float | None) -> list[bool]:
    """The figures of all answers, and for each kind of page its median and p95."""
    for kind in ledger.kinds():
        if not kind.startswith("sign-in"):
            times, word = ledger.seconds(kind), kind.replace(" ", "-")
            figure(f"{name}-{word}-median", 1000 * quantile(times, 0.5), "ms")
            figure(f"{name}-{word}-p95", 1000 * quantile(times, 0.95), "ms")
    times = ledger.seconds()
    figure(f"{name}-answers", len(times), "answers", better="higher")
    figure(f"{name}-median", 1000 * quantile(times, 0.5), "ms")
    return [
        figure(f"{name}-p95", 1000 * quantile(times, 0.95), "ms", goal=p95_ms),
        figure(f"{name}-p99", 1000 * quantile(times, 0.99), "ms", goal=p99_ms),
        figure(f"{name}-failures", len(ledger.broken()), "answers", goal=0),
    ]


def report_ledger(name: str, ledger: Ledger, stack: Stack, **more: float) -> list[bool]:
    """Whether what was told is what was kept; differences are printed."""
    for kind in (CALL, TICKET):
        told = {word: ledger.count(word, kind) for word in (SAVED, REFUSED, UNKNOWN)}
        print(f"ledger of {kind}s, as their senders were told: {told}", flush=True)
    for words, times in ledger.refusals.most_common(5):
        print(f"refused {times} times: {words}", flush=True)
    found = ledger.differences(stack.rows, **more)
    for line in [*found[:20], *ledger.failures[:5]]:
        print(f"!! {line}", flush=True)
    return [
        figure(f"{name}-saved", ledger.count(SAVED), "calls", better="higher"),
        figure(f"{name}-differences", len(found), "rows", goal=0),
    ]


def report_processors(name: str, looks: Watch, ledger: Ledger) -> None:
    """How much work an answer is for web and database: that tells also on a machine that does other things."""
    for part, seconds in looks.processor_seconds().items():
        figure(f"{name}-{part}-processor", 1000 * seconds / max(len(ledger.heard), 1), "ms/answer")


def report_memory(name: str, looks: Watch, *, goal: float = 10, only: str = "") -> list[bool]:
    """How much memory each process family has, and by how much it grew after warming up; the goal may bind one only."""
    met = []
    for process, memory in looks.memories.items():
        before, after, grown = memory.growth()
        word = process.split()[0]
        figure(f"{name}-{word}-memory", after, "MB")
        print(f"{process}: {before:.1f} MB after warming up, {after:.1f} MB at the end", flush=True)
        bound = goal if only in {"", process} else None
        met.append(figure(f"{name}-{word}-memory-growth", grown, "percent", goal=bound))
    return met


def say_load(when: str) -> None:
    """How busy the machine is: figures of a busy machine say little."""
    print(f"load average {when}: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)


def pace(default: float = PAUSE_SECONDS) -> float:
    """The pause between two actions in seconds; PAUSE changes it for trying."""
    return float(os.environ.get("PAUSE") or default)


def minutes(default: float) -> float:
    """For how many minutes people work; MINUTES changes it for trying."""
    return float(os.environ.get("MINUTES") or default)


def calls_needed(callers: int, seconds: float, pause: float) -> int:
    """More due calls than so many people can save in that time."""
    actions = callers * seconds / max(pause, 0.05)
    return int(1.5 * actions * (MIX["save"] + MIX["claim"]) / 100) + 20 * callers
