"""Web and worker processes on one PostgreSQL: `BENCH_DATABASE=… python -m bench._scale_work`.

People who never pause tell how many answers 1 and 2 web processes give, and how many calls they hand out, with a ledger
of what they were told; jobs of the night tell what 1, 2 and 4 worker processes do. Beside each stands who had the
processors meanwhile.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench import _shift
from bench._big import standing
from bench._ledger import SAVED, Ledger, quantile
from bench._person import MIX, Person
from bench._watch import family, processor_seconds, repeating
from bench.figure import figure
from crm_site.core.management.commands import serve
from crm_site.core.processes import Program
from tests.stack import Stack

WEB, WORKERS = (1, 2), (1, 2, 4)
CALLERS = 20
SECONDS = float(os.environ.get("SECONDS") or 40)
#: of every store one job; as many stores, the smallest ones, and the kind that is repeated
STORES, KIND = 8, "customers.quality"
#: what a night does with one store, once each
NIGHT = ("revisits.generate", "revisits.classes", "customers.quality", "privacy.duplicates", "privacy.night")
JOB_SECONDS = 900.0
#: seconds until a worker's processes stand
STARTS_IN = 8

#: printed by a process of the stack, which knows the queue
ASK = """
from datetime import timedelta
from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.jobs.actions import enqueue
for kind, pk in {asked!r}:
    payload = {{"store": pk, "day": str(clock.today()), "today": str(clock.today())}}
    enqueue(kind, f"scale:{turn}:{{kind}}:{{pk}}", store=Store.objects.get(pk=pk), payload=payload)
"""
LEFT = "SELECT count(*) FROM jobs_job WHERE key LIKE 'scale:{turn}:%' AND state IN ('queued', 'running')"
FAILED = "SELECT count(*) FROM jobs_job WHERE key LIKE 'scale:{turn}:%' AND state NOT IN ('done', 'queued', 'running')"
TOOK = """SELECT kind, extract(epoch FROM ended_at - started_at)::float FROM jobs_job
WHERE key LIKE 'scale:{turn}:%' ORDER BY kind"""
SIZES = "SELECT store_id, count(*) FROM customers_customer GROUP BY 1 ORDER BY 2, 1"


def main() -> int:
    """Measure web, then workers; 1 when something that was told is not so."""
    met: list[bool] = []
    with standing("postgresql") as stack:
        most = stack.look("SHOW max_connections")[0]
        print(f"max_connections {most}, load average {os.getloadavg()[0]:.1f}", flush=True)
        for processes in WEB:
            met += web(stack, processes)
        sizes = stack.rows(SIZES)
        for processes in WORKERS:
            met += workers(stack, processes, [pk for pk, _count in sizes[:STORES]])
        met += night(stack, *sizes[len(sizes) // 2])
    return 0 if all(met) else 1


class Busy:
    """Who had the processors during a block, and the most connections that there were."""

    def __init__(self, stack: Stack, names: Sequence[str]) -> None:
        self.stack = stack
        server = Path(stack.look("SHOW data_directory")[0], "postmaster.pid").read_text().split()[0]
        self.pids = {name: stack.processes[name].pid for name in names} | {"database": int(server)}
        self.pids["client"] = os.getpid()
        self.connections, self.began = 0, time.monotonic()
        self.before = self._seconds()
        self.spent: dict[str, float] = {}

    def look(self) -> None:
        """Count the connections; the look itself is one."""
        mine = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        self.connections = max(self.connections, self.stack.look(mine)[0] - 1)

    def end(self) -> None:
        """Reckon how many processors each had."""
        took = time.monotonic() - self.began
        self.spent = {name: (after - self.before[name]) / took for name, after in self._seconds().items()}

    def say(self, what: str) -> None:
        """One line of it."""
        shares = ", ".join(f"{name} {share:.2f}" for name, share in self.spent.items())
        print(f"{what}: processors in use: {shares}; load average {os.getloadavg()[0]:.1f}", flush=True)
        figure(f"{what}-connections", self.connections, "connections")
        for name in ("web server", "worker", "database"):
            if name in self.spent:
                figure(f"{what}-{name.replace(' ', '-')}-processors", self.spent[name], "processors")

    def _seconds(self) -> dict[str, float]:
        # a PostgreSQL process that ends is seen by its parent, whose line has the seconds of all
        return {name: processor_seconds([pid] if name == "client" else family(pid)) for name, pid in self.pids.items()}


def web(stack: Stack, processes: int) -> list[bool]:
    """People at work, then people who only take calls."""
    stack.start_web(processes)
    met = []
    try:
        for name, mix in (("people", MIX), ("claims", {"claim": 1})):
            met += measured(stack, f"scale-web-{processes}-{name}", mix)
    finally:
        stack.kill("web server")
    return met


def measured(stack: Stack, what: str, mix: Mapping[str, int]) -> list[bool]:
    """Everybody does one thing after another for a while; what they were told must be what is kept."""
    let_go(stack)
    ledger = Ledger()
    people = [
        Person(stack.port, f"bench{number}", ledger, customers=cards_of(stack, number), pause=0, mix=mix)
        for number in range(CALLERS)
    ]
    for one in people:
        assert one.sign_in(), f"{one.login} could not sign in: {ledger.failures[-1:]}"
    ledger.mark(stack.rows)
    ledger.heard.clear()
    busy, began = Busy(stack, ["web server"]), time.monotonic()
    _shift.work(people, SECONDS, Looks(busy))
    took = time.monotonic() - began
    busy.end()
    busy.say(what)
    times = ledger.seconds()
    taken = sum(one.is_taken for one in ledger.claims)
    figure(f"{what}-answers", len(times) / took, "answers/s", better="higher")
    figure(f"{what}-claims", taken / took, "calls/s", better="higher")
    figure(f"{what}-calls-saved", ledger.count(SAVED) / took, "calls/s", better="higher")
    figure(f"{what}-median", 1000 * quantile(times, 0.5), "ms")
    figure(f"{what}-p95", 1000 * quantile(times, 0.95), "ms")
    return [
        figure(f"{what}-failures", len(ledger.broken()), "answers", goal=0),
        *_shift.report_ledger(what, ledger, stack),
    ]


class Looks(_shift.Watch):
    """What `_shift.work` looks at meanwhile: only the connections."""

    def __init__(self, busy: Busy) -> None:
        super().__init__({}, {})
        self.busy_ones = busy

    def look(self) -> None:
        """One sample."""
        self.busy_ones.look()


def let_go(stack: Stack) -> None:
    """Give back what people of the last round still hold."""
    give_back = "UPDATE revisits_revisit SET claimed_by_id = NULL, claimed_at = NULL, lease_until = NULL"
    change(stack, f"{give_back} WHERE claimed_by_id IS NOT NULL")


def change(stack: Stack, statement: str) -> None:
    """One statement outside of the house."""
    import psycopg2

    line = psycopg2.connect(stack.env["DATABASE_URL"])
    try:
        line.autocommit = True
        line.cursor().execute(statement)
    finally:
        line.close()


def cards_of(stack: Stack, number: int) -> list[int]:
    """Some hundred customers of the store in which a caller works."""
    query = f"""SELECT id FROM customers_customer WHERE NOT restricted AND store_id = (
        SELECT e.store_id FROM accounts_employee e JOIN accounts_user u ON u.id = e.user_id
         WHERE u.username = 'bench{number}') ORDER BY id LIMIT 300"""
    return [pk for (pk,) in stack.rows(query)]


# ---- workers ---------------------------------------------------------------------------------------------------------


def workers(stack: Stack, processes: int, stores: Sequence[int]) -> list[bool]:
    """Jobs of one kind, one a store, side by side."""
    what = f"scale-workers-{processes}"
    with working(stack, processes) as busy:
        took = done(stack, f"w{processes}", [(KIND, pk) for pk in stores])
        busy.end()
        busy.say(what)
    figure(f"{what}-jobs", 60 * len(stores) / took, "jobs/min", better="higher")
    return [figure(f"{what}-failed", stack.look(FAILED.format(turn=f"w{processes}"))[0], "jobs", goal=0)]


def night(stack: Stack, store: int, customers: int) -> list[bool]:
    """What each job of a night takes for a store of middle size, one after another."""
    with working(stack, 1):
        done(stack, "night", [(kind, store) for kind in NIGHT])
    for kind, seconds in stack.rows(TOOK.format(turn="night")):
        figure(f"scale-night-{kind}-of-{customers}-customers", seconds or 0, "s")
    return [figure("scale-night-failed", stack.look(FAILED.format(turn="night"))[0], "jobs", goal=0)]


@contextmanager
def working(stack: Stack, processes: int) -> Iterator[Busy]:
    """A worker without the scheduler, which would begin the whole house's night."""
    program = serve.worker(processes)
    stack._start(Program("worker", [word for word in program.command if word != "--beat"]))
    try:
        time.sleep(STARTS_IN)
        busy = Busy(stack, ["worker"])
        with repeating(busy.look, 1):
            yield busy
    finally:
        stack.kill("worker")


def done(stack: Stack, turn: str, asked: Sequence[tuple[str, int]]) -> float:
    """Ask for jobs and wait for all; seconds from the first start to the last end."""
    change(stack, f"DELETE FROM jobs_job WHERE key LIKE 'scale:{turn}:%'")
    stack.manage("shell", "--no-imports", "-c", ASK.format(asked=list(asked), turn=turn))
    began = time.monotonic()
    while stack.look(LEFT.format(turn=turn))[0] and time.monotonic() - began < JOB_SECONDS:
        time.sleep(0.2)
    span = "SELECT extract(epoch FROM max(ended_at) - min(started_at))::float FROM jobs_job WHERE key LIKE"
    return float(stack.look(f"{span} 'scale:{turn}:%'")[0] or JOB_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
