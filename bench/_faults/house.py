"""A house with a PostgreSQL and a Redis of its own, some people and their calls; and the hands to hurt it with."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench._ledger import Ledger
from bench._person import PASSWORD, Person
from tests import environment, servers
from tests.stack import Stack

#: seconds that anything may take before we stop waiting for it; the bounds themselves are figures
PATIENCE = 330.0
SEED = """
from bench import _seed
from crm_site.core import clock
from django.db import connection
today, now = clock.today(), clock.now()
seed = _seed.fill(vehicles={vehicles}, stores=2, today=today, now=now, live_days=1)
_seed.specialists(seed, {callers}, "{password}")
connection.cursor().execute("CREATE TABLE fault_mark (job bigint)")
"""
CALLS = """
from bench import _seed
from crm_site.core import clock
_seed.due_calls({count}, today=clock.today(), now=clock.now())
"""
ASK = """
from crm_site.jobs import actions
for number in range({count}):
    print(actions.enqueue("faults.{kind}", f"{key}:{{number}}", payload={payload!r}).pk)
"""
CUSTOMERS = """SELECT c.id FROM customers_customer c JOIN accounts_employee e ON e.store_id = c.store_id
JOIN accounts_user u ON u.id = e.user_id WHERE u.username = '{login}' ORDER BY c.id LIMIT 50"""


@dataclass
class House:
    """A seeded stack; `callers` people sign in as bench0, bench1 …, and one ledger keeps what all of them are told."""

    stack: Stack
    callers: int
    ledger: Ledger = field(default_factory=Ledger)
    people: list[Person] = field(default_factory=list)
    _asked: int = field(default=0)

    def fill(self, *, vehicles: int, calls: int) -> None:
        """Customers, people, due calls, and the table in which jobs leave their marks."""
        self.script(SEED.format(vehicles=vehicles, callers=self.callers, password=PASSWORD))
        self.lay_calls(calls)

    def lay_calls(self, count: int) -> None:
        """So many further calls due today; a run of the generator draws those that it finds, and few are left."""
        self.script(CALLS.format(count=count))

    def script(self, text: str) -> str:
        """Run Python inside the house's Django and give what it prints."""
        return self.stack.manage("shell", "--no-imports", "-c", text).strip()

    # ---- jobs --------------------------------------------------------------------------------------------------------

    def ask(self, kind: str, count: int = 1, **payload: object) -> list[int]:
        """Ask for jobs of a kind of `work`; their keys."""
        self._asked += 1
        text = ASK.format(count=count, kind=kind, key=self._asked, payload=payload)
        return [int(line) for line in self.script(text).splitlines()[-count:]]

    def jobs(self, ids: list[int]) -> list[tuple]:
        """(state, attempts, error, done) of jobs, in the order of their keys."""
        some = ", ".join(map(str, ids))
        query = f"SELECT state, attempts, error, done FROM jobs_job WHERE id IN ({some}) ORDER BY id"
        return self.stack.rows(query)

    def states(self, ids: list[int]) -> set[str]:
        """The states that jobs are in."""
        return {row[0] for row in self.jobs(ids)}

    def marks(self, ids: list[int]) -> list[int]:
        """How many marks each job has left."""
        query = f"SELECT job, count(*) FROM fault_mark WHERE job IN ({', '.join(map(str, ids))}) GROUP BY job"
        left = dict(self.stack.rows(query))
        return [left.get(one, 0) for one in ids]

    # ---- people ------------------------------------------------------------------------------------------------------

    def open(self, *, pause: float) -> None:
        """Start web server and worker, and let everybody sign in; they wait so long between two things."""
        self.stack.start_web()
        self.stack.start_worker(2)
        self.ledger.mark(self.stack.rows)
        self.people = [self.person(number, pause) for number in range(self.callers)]
        for one in self.people:
            assert one.sign_in(), f"{one.login} could not sign in"
        job = self.ask("mark")
        until(lambda: self.states(job) == {"done"}, 90, self.stack)

    def person(self, number: int, pause: float = 0.5) -> Person:
        """Somebody who is not signed in yet."""
        login = f"bench{number}"
        customers = [pk for (pk,) in self.stack.rows(CUSTOMERS.format(login=login))]
        return Person(self.stack.port, login, self.ledger, customers=customers, pause=pause)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Everybody does one thing after another until the block ends, and ends what they have begun."""
        over = threading.Event()
        with ThreadPoolExecutor(len(self.people)) as pool:
            far = time.monotonic() + 7200
            working = [pool.submit(one.work, far, is_over=over.is_set) for one in self.people]
            try:
                yield
            finally:
                over.set()
                for one in working:
                    one.result()

    def differences(self) -> list[str]:
        """Where the database contradicts what anybody was told so far."""
        return self.ledger.differences(self.stack.rows)

    # ---- hands -------------------------------------------------------------------------------------------------------

    @property
    def postgres(self) -> servers.Server:
        """Its own PostgreSQL."""
        return self.stack.own[0]

    @property
    def redis(self) -> servers.Server:
        """Its own Redis."""
        return self.stack.own[1]

    def children(self, name: str) -> list[int]:
        """The processes that one of the stack's processes has divided itself into."""
        return servers.children_of(self.stack.processes[name].pid)

    def signal(self, name: str, number: int) -> None:
        """Tell one of the stack's own processes, not its children."""
        os.kill(self.stack.processes[name].pid, number)


def until(holds: Callable[[], bool], patience: float = PATIENCE, stack: Stack | None = None) -> float:
    """Wait until something holds and give the seconds that took; the worker's log tells why it never did."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > patience:
            raise AssertionError(f"waited {patience:.0f} s in vain\n{stack.log('worker') if stack else ''}")
        time.sleep(0.1)
    return time.monotonic() - began


@contextmanager
def frozen(server: servers.Server) -> Iterator[None]:
    """A server that takes connections and never answers."""
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


@contextmanager
def dead(server: servers.Server) -> Iterator[None]:
    """A server that is killed, and comes back on its old port with whatever it had on disk (Redis: nothing)."""
    server.kill()
    try:
        yield
    finally:
        server.start_again()


@contextmanager
def house(*, vehicles: int, calls: int, callers: int, embedded: bool = False, **env: str) -> Iterator[House]:
    """A filled house in which nothing runs yet; `env` changes the environment of its processes."""
    own = [] if embedded else [servers.Postgres(is_durable=True), servers.Redis()]
    stack = Stack(embedded=embedded, own=own)
    stack.env |= {"DJANGO_SETTINGS_MODULE": "bench._faults.settings", **env}
    try:
        made = House(stack, callers)
        made.fill(vehicles=vehicles, calls=calls)
        yield made
    finally:
        stack.stop()


@contextmanager
def on_servers() -> Iterator[None]:
    """The private servers from which a stack's database is copied."""
    environment.enter()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            environment.leave()
