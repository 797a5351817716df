"""The whole house as real processes: `manage.py serve` and the stack that race and browser tests stand on."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests import servers, stack

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = [pytest.mark.races, pytest.mark.long]


def page(url: str) -> tuple[int, str]:
    """Status and text of a page, redirects followed."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode(errors="replace")


def processes_with(mark: str) -> list[str]:
    """Command lines of the processes that carry the mark in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


@pytest.fixture
def served(tmp_path):
    """`manage.py serve` on an SQLite file that has a user already, so that no demo world is loaded: (process, port)."""
    port = servers.free_port()
    folder = tmp_path / "var"
    folder.mkdir()
    env = os.environ | {"HUIFANG_VAR": str(folder), "DATABASE_URL": "", "REDIS_URL": "", "PYTHONUNBUFFERED": "1"}
    make_user = "from django.contrib.auth import get_user_model as m; m().objects.create(username='somebody')"
    shutil.copy(stack.migrated_file(), folder / "huifang.sqlite3")
    stack.manage(env, "shell", "--no-imports", "-c", make_user)
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    process.mark = f"HUIFANG_VAR={folder}"
    for line in process.stdout:
        if "Ctrl-C stops it" in line:
            break
    yield process, port
    process.terminate()
    process.communicate(timeout=20)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="counts processes through /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_answers_and_stops_all_it_started(served, number):
    process, port = served
    assert page(f"http://127.0.0.1:{port}/")[0] < 500
    assert any("celery" in command for command in processes_with(process.mark))
    started = time.monotonic()
    process.send_signal(number)
    assert process.wait(timeout=15) == 0
    assert time.monotonic() - started < 8
    assert processes_with(process.mark) == []


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="counts processes through /proc")
def test_when_the_web_server_dies_serve_says_so_and_stops_the_worker(served):
    process, _ = served
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    gunicorn = next(pid for pid in children if b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(int(gunicorn), signal.SIGKILL)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "The web server ended by itself (exit code -9)" in output
    assert processes_with(process.mark) == []


@pytest.mark.parametrize(
    ("settings", "way"),
    [
        ({"HUIFANG_DEMO": "1"}, "PORT=8123 make run"),
        ({"HUIFANG_DEMO": "", "SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": "crm.example"}, "serve --port 8123"),
    ],
    ids=["demo", "real"],
)
def test_a_taken_port_is_said_plainly_before_anything_is_prepared(tmp_path, settings, way):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        env = os.environ | {"HUIFANG_VAR": str(tmp_path / "var"), "DATABASE_URL": "", "REDIS_URL": "redis://unused"}
        env |= settings
        command = [sys.executable, "manage.py", "serve", "--port", str(port)]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.search(rf"Port {port} cannot be used .*{way}", done.stderr)
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "var").exists()


def test_a_second_serve_in_the_same_folder_is_refused(served):
    process, _ = served
    env = os.environ | {"HUIFANG_VAR": process.mark.partition("=")[2], "DATABASE_URL": "", "REDIS_URL": ""}
    command = [sys.executable, "manage.py", "serve", "--port", str(servers.free_port())]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "is running from" in done.stderr
    assert "Traceback" not in done.stderr
    assert process.poll() is None


def test_a_stack_answers_on_both_engines_and_survives_a_killed_worker(fresh_stack):
    fresh_stack.start_web()
    fresh_stack.start_worker()
    assert page(fresh_stack.url)[0] < 500
    fresh_stack.kill("worker")
    fresh_stack.start_worker()
    engine = fresh_stack.ask("__import__('django.db').db.connection.vendor")
    assert engine == ("postgresql" if fresh_stack.database else "sqlite")
