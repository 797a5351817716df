"""The private servers of the tests: they start, they stop, and they leave nothing behind however a run ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import environment, servers

ROOT = Path(__file__).resolve().parent.parent.parent
HOLD = """
import signal, sys, time
from tests import servers
signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background is born deaf to Ctrl-C
started = [servers.Postgres().start(), servers.Redis().start()]
print(*(f"{server.port} {server.process.pid} {server.folder}" for server in started), sep="\\n", flush=True)
time.sleep(60)
"""

needs_servers = pytest.mark.skipif(bool(servers.missing()), reason="; ".join(servers.missing().values()))


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(condition, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


@needs_servers
@pytest.mark.parametrize("kind", [servers.Postgres, servers.Redis])
def test_a_server_answers_until_it_is_stopped_and_leaves_no_folder(kind):
    server = kind().start()
    folder, port = server.folder, server.port
    assert answers(port)
    server.stop()
    assert not answers(port)
    assert not folder.exists()
    server.stop()  # a second time is harmless


@needs_servers
def test_the_database_sorts_by_code_point_and_speaks_utf8():
    import psycopg2

    server = servers.Postgres().start()
    line = psycopg2.connect(server.url())
    try:
        cursor = line.cursor()
        cursor.execute("SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'template1'")
        assert cursor.fetchone() == ("C", "UTF8")
    finally:
        line.close()
        server.stop()


@needs_servers
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent was killed")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_server_outlives_the_run_that_started_it(number):
    run = subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    ports = [int(run.stdout.readline().split()[0]) for _ in range(2)]
    run.send_signal(number)
    run.wait()
    run.stdout.close()
    assert eventually(lambda: not any(answers(port) for port in ports))


@needs_servers
def test_the_folder_of_a_killed_run_is_removed_by_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(servers.tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for name, owner in (("huifang-redis-old", ended.pid), ("huifang-redis-busy", os.getpid())):
        (tmp_path / name).mkdir()
        (tmp_path / name / "owner").write_text(str(owner))
    servers.Redis().start().stop()
    assert [path.name for path in tmp_path.iterdir()] == ["huifang-redis-busy"]


def test_a_missing_program_is_named_with_its_package(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(
        servers.ServerMissing, match=r"redis-server is not installed \(Debian: apt-get install redis-server\)"
    ):
        servers.Redis()


def test_a_server_that_cannot_start_says_why(monkeypatch):
    class Broken(servers.Server):
        name = "broken"

        def command(self):
            return [sys.executable, "-c", "raise SystemExit('no room left')"]

        def answers(self):
            return False

    with pytest.raises(servers.ServerFailed, match="no room left"):
        Broken().start()


def test_under_ci_a_missing_server_stops_the_run():
    command = [sys.executable, "-m", "pytest", "-q", "tests/setup/test_figures.py"]
    env = {"PATH": "/nowhere", "CI": "true", "HOME": os.environ.get("HOME", "/")}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        pytest.skip("PostgreSQL or Redis is found without PATH on this machine")
    assert done.returncode == 1
    assert done.stderr.startswith("The tests cannot start: ")


def test_this_run_says_what_it_stands_on():
    assert environment.WORKER or environment.notes
