"""A whole running Huifang for tests that need real processes: a database of its own, gunicorn, a worker with beat."""

import contextlib
import functools
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from crm_site.core.management.commands import serve
from crm_site.core.processes import Program, die_with_parent
from tests import environment, prepared, servers
from tests.hand import Hand
from tests.prepared import carry_over, manage, on_server

ROOT = Path(__file__).resolve().parent.parent
#: a killed worker's job is found again by its lease and the next sweep; a test need not wait for the usual 15 s
SWEEP_SECONDS = "1"
START_SECONDS = 60.0


class Stack:
    """Real processes over a fresh database with its reference rows; `embedded` means SQLite and the folder broker."""

    def __init__(self, *, embedded: bool, own: Sequence[servers.Server] = ()) -> None:
        """Make the database; nothing runs yet. `own`: a PostgreSQL and a Redis for this stack alone."""
        self.own = own
        self.folder = Path(tempfile.mkdtemp(prefix="stack-", dir=os.environ["HUIFANG_VAR"]))
        self.port = servers.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen] = {}
        self.database = "" if embedded else f"stack_{uuid.uuid4().hex[:12]}"
        self.env = environment_on(self.folder, self.database)
        self.hand = Hand(self.env)
        if own:
            for server in own:
                server.start()
            self.env |= {"DATABASE_URL": own[0].url(), "REDIS_URL": own[1].url()}
            carry_over(migrated_database(), own[0].url())
        elif self.database:
            on_server(f"CREATE DATABASE {self.database} TEMPLATE {migrated_database()}")
        else:
            shutil.copy(migrated_file(), self.folder / "huifang.sqlite3")

    def manage(self, *arguments: str) -> str:
        """Run a management command on this stack's database and give its output; a failure raises with it."""
        done = self.hand.run(arguments)
        if done is None:  # it is at work for another thread
            return manage(self.env, *arguments)
        code, output, errors = done
        assert code == 0, f"manage.py {' '.join(arguments)} failed:\n{output}{errors}"
        return output

    def ask(self, expression: str) -> str:
        """What a Python expression gives inside this stack's Django; for looking at rows from outside."""
        return self.manage("shell", "--no-imports", "-c", f"print({expression})").strip()

    def rows(self, query: str) -> list[tuple]:
        """All rows that a query gives, straight from the engine: soonest of all."""
        if self.database:
            import psycopg2

            line = psycopg2.connect(self.env["DATABASE_URL"])
        else:
            line = sqlite3.connect(self.folder / "huifang.sqlite3", timeout=20)
        with contextlib.closing(line):
            cursor = line.cursor()
            cursor.execute(query)
            return cursor.fetchall()

    def look(self, query: str) -> tuple:
        """The first row that a query gives, which has one."""
        return self.rows(query)[0]

    def start_web(self, processes: int = 2) -> None:
        """Start gunicorn and wait until it answers."""
        self._start(serve.web_server(self.port, processes))
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline, f"the web server does not answer:\n{self.log('web server')}"
            time.sleep(0.1)

    def start_worker(self, processes: int = 1) -> None:
        """Start the worker with its scheduler; what it does shows in the database."""
        self._start(serve.worker(processes))

    def kill(self, name: str) -> None:
        """End a process and all it started as a power cut would (SIGKILL); names: "web server", "worker"."""
        self._signal(name, signal.SIGKILL)

    def kill_everything(self) -> None:
        """End every process and the stack's own servers at once, as a power cut would."""
        for server in self.own:
            server.kill()
        for name in list(self.processes):
            self._signal(name, signal.SIGKILL)

    def start_servers(self) -> None:
        """Start the stack's own servers again after `kill_everything`, on their old ports."""
        for server in self.own:
            server.start_again()

    def stop(self) -> None:
        """Stop every process and remove database and folder."""
        for name in list(self.processes):
            self._signal(name, signal.SIGKILL)
        self.hand.rest()
        for server in self.own:
            server.stop()
        if self.database and not self.own:
            on_server(f"DROP DATABASE {self.database} WITH (FORCE)")
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self, name: str) -> str:
        """The end of what a process has printed."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-4000:]

    def _start(self, program: Program) -> None:
        with (self.folder / f"{program.name}.log").open("ab") as log:
            self.processes[program.name] = subprocess.Popen(
                program.command,
                cwd=ROOT,
                env=self.env,
                start_new_session=True,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - there are no threads here
            )

    def _signal(self, name: str, number: int) -> None:
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        process.wait()

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(self.url, timeout=5).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True


def environment_on(folder: Path, database: str) -> dict[str, str]:
    """The environment of processes on a PostgreSQL database and Redis, or ('') on the embedded engines in a folder."""
    address, queue = (environment.database_url(database), environment.redis_url_of_stacks()) if database else ("", "")
    places = {"HUIFANG_VAR": str(folder), "DATABASE_URL": address, "REDIS_URL": queue}
    return os.environ | places | {"JOB_SWEEP_SECONDS": SWEEP_SECONDS}


def add_reference_rows(env: dict[str, str]) -> None:
    """The rules, trees, levels and results that every installation has, as `manage.py serve` adds them."""
    manage(env, "install_defaults", "--verbosity", "0")


@functools.cache
def migrated_file() -> Path:
    """An SQLite file with tables and reference rows, made once a run, from which every embedded stack copies."""
    folder = Path(tempfile.mkdtemp(prefix="stack-", dir=os.environ["HUIFANG_VAR"]))
    made = Path(shutil.copy(prepared.file(), folder / prepared.SQLITE_NAME))
    add_reference_rows(environment_on(folder, ""))
    return made


@functools.cache
def migrated_database() -> str:
    """A PostgreSQL database with tables and reference rows, made once a run, from which every stack is cloned."""
    name = f"stack_template_{uuid.uuid4().hex[:12]}"
    on_server(f"CREATE DATABASE {name} TEMPLATE {prepared.template()}")
    add_reference_rows(environment_on(Path(os.environ["HUIFANG_VAR"]), name))
    return name


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A running Huifang for one journey in the browser, on whatever this run stands; empty but migrated."""
    running = Stack(embedded=not environment.on_servers())
    try:
        running.start_web()
        running.start_worker()
        yield running
    finally:
        running.stop()


@pytest.fixture(params=["servers", "embedded"])
def fresh_stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """A stack for one test, once on PostgreSQL with Redis, once on the embedded engines; no process started yet."""
    if request.param == "servers" and not environment.on_servers():
        pytest.skip("this run has no PostgreSQL and Redis")
    fresh = Stack(embedded=request.param == "embedded")
    try:
        yield fresh
    finally:
        fresh.stop()


@pytest.fixture
def mortal_stack() -> Iterator[Stack]:
    """A stack with a PostgreSQL and a Redis of its own, so that these can be killed too; no process started yet."""
    if not environment.on_servers():
        pytest.skip("this run has no PostgreSQL and Redis")
    fresh = Stack(embedded=False, own=[servers.Postgres(is_durable=True), servers.Redis()])
    try:
        yield fresh
    finally:
        fresh.stop()
