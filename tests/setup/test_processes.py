"""The supervisor behind `make run`: whatever ends, everything ends, and nothing is left running."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

# Lines are written at once with their ends: several processes write to one pipe, and an unbuffered print parts the two.
POLITE = "import time; time.sleep(60)"
STUBBORN = (
    "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.write(1, b'deaf\\n'); time.sleep(60)"
)
# Starts a grandchild that ignores SIGTERM, as a hanging scheduler or pool process would.
PARENT = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); time.sleep(60)"
# Starts a grandchild that leaves the process group and ends itself, so that the grandchild is orphaned.
DESERTER = (
    f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}], start_new_session=True); "
    "time.sleep(60)"
)

SUPERVISE = """
import os, sys
from crm_site.core.processes import Program, Supervisor
supervisor = Supervisor(dict(os.environ))
for number, body in enumerate(sys.argv[1:]):
    process = supervisor.start(Program(f"part{number}", [sys.executable, "-c", body], patience=1))
    os.write(1, b"started\\n")
try:
    print("ended", supervisor.wait(), flush=True)
finally:
    supervisor.stop()
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="counts processes through /proc")


@pytest.fixture
def supervise(tmp_path):
    """Start a supervisor over programs with the given bodies; every descendant carries a mark in its environment."""
    mark = f"SUPERVISED={tmp_path}"
    started = []

    def start(*bodies: str) -> subprocess.Popen:
        env = os.environ | {"SUPERVISED": str(tmp_path), "PYTHONPATH": str(ROOT)}
        run = subprocess.Popen([sys.executable, "-c", SUPERVISE, *bodies], env=env, stdout=subprocess.PIPE, text=True)
        started.append(run)
        for _ in range(sum(1 + ("SIG_IGN" in body) for body in bodies)):
            assert run.stdout.readline().strip() in {"started", "deaf"}
        return run

    start.left = lambda: marked(mark)
    yield start
    for run in started:
        run.kill()
        run.stdout.close()
        run.wait()
    for pid in marked(mark):
        os.kill(pid, signal.SIGKILL)


def marked(mark: str) -> list[int]:
    """Processes that carry the mark, zombies aside (their environment is empty)."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if mark.encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_every_program(supervise, number):
    run = supervise(POLITE, POLITE)
    assert len(supervise.left()) == 3
    run.send_signal(number)
    assert run.wait(timeout=10) == 0
    assert supervise.left() == []


def test_a_program_that_ends_is_named_and_stops_the_others(supervise):
    run = supervise(POLITE, "raise SystemExit(7)")
    assert run.stdout.readline().strip() == "ended ('part1', 7)"
    assert run.wait(timeout=10) == 0
    assert supervise.left() == []


@pytest.mark.parametrize("body", [STUBBORN, PARENT, DESERTER], ids=["deaf child", "deaf grandchild", "deaf deserter"])
def test_what_does_not_listen_is_killed_in_the_end(supervise, body):
    run = supervise(body)
    started = time.monotonic()
    run.send_signal(signal.SIGTERM)
    assert run.wait(timeout=10) == 0
    assert supervise.left() == []
    assert time.monotonic() - started < 6


def test_a_second_ctrl_c_does_not_leave_anything_behind(supervise):
    run = supervise(STUBBORN, POLITE)
    for _ in range(5):
        run.send_signal(signal.SIGINT)
        time.sleep(0.1)
    assert run.wait(timeout=10) == 0
    assert supervise.left() == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent was killed")
def test_programs_stop_when_the_supervisor_is_killed_outright(supervise):
    run = supervise(POLITE, POLITE)
    run.kill()
    run.wait()
    deadline = time.monotonic() + 5
    while supervise.left() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert supervise.left() == []
