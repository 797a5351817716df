"""Starts a private PostgreSQL and a private Redis for one test run, and stops them however the run ends."""

import atexit
import contextlib
import ctypes
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

START_SECONDS = 20.0
STOP_SECONDS = 10.0
ATTEMPTS = 3


class ServerMissing(Exception):
    """A server program is not installed; the text says which one and how to get it."""


class ServerFailed(Exception):
    """A server program is there but did not start; the text holds the end of its log."""


class Server:
    """A child process with a folder of its own under the temp directory, on a free loopback port."""

    name = "server"
    stop_signal = signal.SIGTERM

    def __init__(self) -> None:
        """Nothing is started yet."""
        self.folder: Path | None = None
        self.process: subprocess.Popen | None = None
        self.port = 0

    def start(self) -> "Server":
        """Start and wait until it answers; a port lost to somebody else is tried again. Raises ServerFailed."""
        remove_leftovers(self.name)
        self.folder = Path(tempfile.mkdtemp(prefix=f"huifang-{self.name}-"))
        (self.folder / "owner").write_text(str(os.getpid()))
        atexit.register(self.stop)
        self.prepare()
        for _ in range(ATTEMPTS):
            self.port = free_port()
            with (self.folder / "log").open("wb") as log:
                self.process = self.spawn(self.command(), stdout=log, stderr=subprocess.STDOUT)
            if self._wait():
                return self
        text = (self.folder / "log").read_text(errors="replace")[-2000:]
        self.stop()
        raise ServerFailed(f"{self.name} did not start:\n{text}")

    def kill(self) -> None:
        """End the server with all its processes at once (SIGKILL); its folder and port are kept."""
        assert self.process is not None
        family = [self.process.pid, *children_of(self.process.pid)]
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        deadline = time.monotonic() + STOP_SECONDS
        while any(map(is_running, family)) and time.monotonic() < deadline:
            time.sleep(0.01)

    def start_again(self) -> None:
        """Start after `kill`, on the same folder and port. Raises ServerFailed."""
        assert self.folder is not None
        with (self.folder / "log").open("ab") as log:
            self.process = self.spawn(self.command(), stdout=log, stderr=subprocess.STDOUT)
        if not self._wait():
            raise ServerFailed(f"{self.name} did not start again")

    def _wait(self) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process is not None and self.process.poll() is None:
            if self.answers():
                return True
            time.sleep(0.02)
        self._end_process()
        return False

    def stop(self) -> None:
        """Stop the process and remove its folder; harmless when it is stopped already."""
        self._end_process()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def _end_process(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def spawn(self, command: Sequence[str], **options: object) -> subprocess.Popen:
        """Start a program of this server: out of reach of Ctrl-C, and told to stop when the test run is killed."""
        return subprocess.Popen(
            command,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            preexec_fn=self._die_with_parent,  # noqa: PLW1509 - there are no threads here
            **options,
        )

    def _die_with_parent(self) -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(1, self.stop_signal, 0, 0, 0)

    def prepare(self) -> None:
        """Make what the server needs before its first start."""

    def command(self) -> list[str]:
        """The command line, for the port just chosen."""
        raise AssertionError(f"{type(self).__name__} has no command")

    def answers(self) -> bool:
        """Whether it is ready to serve."""
        raise AssertionError(f"{type(self).__name__} has no question to ask")


class Postgres(Server):
    """PostgreSQL of a cluster made for this run: trust, collation C, nothing synced to disk."""

    name = "postgresql"
    stop_signal = signal.SIGINT  # "fast": does not wait for clients

    def __init__(self, *, is_durable: bool = False) -> None:
        """Find the programs; raises ServerMissing. `is_durable`: what is committed outlives a kill of the server."""
        super().__init__()
        self.is_durable = is_durable
        self.initdb, self.postgres = postgres_program("initdb"), postgres_program("postgres")
        self.account = unprivileged_account()

    def spawn(self, command: Sequence[str], **options: object) -> subprocess.Popen:
        """As its base does, but never as root: PostgreSQL refuses that."""
        if self.account is not None:
            options |= {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        return super().spawn(command, cwd="/", **options)

    def prepare(self) -> None:
        """Run initdb in the data folder, with the locale C.UTF-8 where the system knows it."""
        assert self.folder is not None
        if self.account is not None:
            os.chown(self.folder, self.account.pw_uid, self.account.pw_gid)
        common = [
            self.initdb,
            "-D",
            str(self.folder / "data"),
            "-U",
            "huifang",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        for locale in (["--locale=C.UTF-8", "--lc-collate=C"], ["--no-locale"]):
            made = self.spawn([*common, *locale], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            output, _ = made.communicate(timeout=60)
            if made.returncode == 0:
                return
        raise ServerFailed(f"initdb failed:\n{output.decode(errors='replace')[-2000:]}")

    def command(self) -> list[str]:
        """The server with its socket in its own folder and no care for a crash of the machine."""
        assert self.folder is not None
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self.folder,
            "fsync": "off",
            "synchronous_commit": "on" if self.is_durable else "off",
            "full_page_writes": "off",
            # Tests roll back and leave dead rows: unswept, what took 0.3 s alone takes 30 s at the end. Nothing is
            # analysed: what a planner thinks must not depend on when it was swept.
            "autovacuum": "on",
            "autovacuum_naptime": "5s",
            "autovacuum_vacuum_cost_delay": "0",
            "autovacuum_analyze_threshold": 2_000_000_000,
            "max_connections": 120,
            "shared_buffers": "64MB",
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [self.postgres, "-D", str(self.folder / "data"), *options]

    def answers(self) -> bool:
        """Whether a connection to the maintenance database succeeds."""
        import psycopg2

        try:
            psycopg2.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def url(self, database: str = "postgres") -> str:
        """DATABASE_URL of one database of this server."""
        return f"postgres://huifang@127.0.0.1:{self.port}/{database}"


class Redis(Server):
    """Redis without any file of its own."""

    name = "redis"

    def __init__(self) -> None:
        """Find the program; raises ServerMissing."""
        super().__init__()
        self.program = find_program("redis-server", "redis-server")

    def command(self) -> list[str]:
        """The server on the loopback address, nothing saved."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        return [self.program, *options, "--databases", "32", "--dir", str(self.folder)]

    def answers(self) -> bool:
        """Whether it replies to PING."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        return False

    def url(self, number: int = 0) -> str:
        """REDIS_URL of one numbered database of this server."""
        return f"redis://127.0.0.1:{self.port}/{number}"


def remove_leftovers(name: str) -> None:
    """Remove the folders of runs that were killed before they could tidy up."""
    for folder in Path(tempfile.gettempdir()).glob(f"huifang-{name}-*"):
        with contextlib.suppress(OSError, ValueError):
            owner = int((folder / "owner").read_text())
            if not is_alive(owner):
                shutil.rmtree(folder, ignore_errors=True)


def is_alive(pid: int) -> bool:
    """Whether a process with this id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def children_of(pid: int) -> list[int]:
    """The processes that a process has started and that still are its children (through /proc)."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    """Whether a process still runs; one that has ended and waits to be fetched does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def find_program(name: str, package: str, *, folders: Sequence[str] = ()) -> str:
    """Path of a program on PATH or in one of the folders; raises ServerMissing with the package to install."""
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(folders))
    if found is None:
        raise ServerMissing(f"{name} is not installed (Debian: apt-get install {package})")
    return found


def postgres_program(name: str) -> str:
    """Path of a PostgreSQL server program; Debian keeps them off PATH, the newest version wins."""
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]), reverse=True)
    # Both programs must be of one version, so a link on PATH is followed to its own folder first.
    linked = shutil.which("initdb")
    if linked is not None:
        folders.insert(0, str(Path(linked).resolve().parent))
    found = shutil.which(name, path=os.pathsep.join(folders))
    return found or find_program(name, "postgresql")


def unprivileged_account() -> pwd.struct_passwd | None:
    """The account PostgreSQL runs under when we are root (postgres, else nobody); None when we are not."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServerMissing("PostgreSQL refuses to run as root, and there is neither an account postgres nor nobody")


def missing() -> dict[str, str]:
    """What keeps the servers from starting: Debian package -> a sentence; empty when all is there."""
    probes: dict[str, Callable[[], Server]] = {"postgresql": Postgres, "redis-server": Redis}
    found = {}
    for package, probe in probes.items():
        try:
            probe()
        except ServerMissing as problem:
            found[package] = str(problem)
    return found
