"""Keeps a handful of processes running together: starts, watches, and stops every one of them when any ends."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Program:
    """One process to run: a short name for messages, its command line, and seconds it gets to stop by itself."""

    name: str
    command: Sequence[str]
    patience: float = 6.0


@dataclass
class Supervisor:
    """Runs programs in process groups of their own until a signal arrives or one of them ends.

    Signals are only noted by the handler and acted upon by the loop, so that a second Ctrl-C cannot interrupt the
    stopping. On Linux an orphaned grandchild falls to this process and is stopped too, and a program is told to stop
    when this process is killed outright.
    """

    env: Mapping[str, str]
    running: dict[str, subprocess.Popen] = field(default_factory=dict)
    patience: float = 0.0
    stop_signal: int | None = None

    def __post_init__(self) -> None:
        """Take over the signals and adopt orphans from here on."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)
        _prctl(PR_SET_CHILD_SUBREAPER, 1)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.stop_signal = number

    def start(self, program: Program) -> subprocess.Popen:
        """Start one program in its own process group and return it."""
        self.patience = max(self.patience, program.patience)
        process = subprocess.Popen(
            program.command,
            env=dict(self.env),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - there are no threads here
        )
        self.running[program.name] = process
        return process

    def run_once(self, program: Program) -> int:
        """Run a program to its end and return its exit code; a stop signal ends it early (code 130)."""
        process = self.start(program)
        while process.poll() is None and self.stop_signal is None:
            time.sleep(POLL_SECONDS / 4)
        if process.poll() is None:
            return 130
        del self.running[program.name]
        return process.returncode

    def wait(self) -> tuple[str, int] | None:
        """Block until something ends: gives (name, exit code) of the program that ended, or None for a signal."""
        while self.stop_signal is None:
            for name, process in self.running.items():
                if process.poll() is not None:
                    return name, process.returncode
            time.sleep(POLL_SECONDS)
        return None

    def stop(self) -> None:
        """Stop everything: ask each leader politely, wait as long as the most patient needs, then kill what is left.

        Only the leader of a group is asked: Celery's and gunicorn's masters finish what their workers have in hand.
        """
        for process in self.running.values():
            process.terminate()
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline and any(_group_alive(process) for process in self.running.values()):
            time.sleep(POLL_SECONDS / 4)
        for process in self.running.values():
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()
        _kill_adopted()


def die_with_parent() -> None:
    """In a child, before its program: ask Linux for SIGTERM should the parent vanish without a chance to stop it."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _group_alive(process: subprocess.Popen) -> bool:
    """Whether the program or anything it started in its group is still there."""
    process.poll()
    _reap()
    try:
        os.killpg(process.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _reap() -> None:
    """Collect adopted processes that have ended, so that they do not count as alive."""
    for pid in _children():
        with contextlib.suppress(ChildProcessError, ProcessLookupError):
            if _is_zombie(pid) and os.getpgid(pid) != pid:
                os.waitpid(pid, os.WNOHANG)


def _kill_adopted() -> None:
    """Kill whatever left its group and was adopted by us (Linux), and what that adopts to us in turn."""
    for _ in range(10):
        children = _children()
        if not children:
            return
        for pid in children:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _children() -> list[int]:
    """Process ids of our direct children, adopted ones included; empty where /proc does not tell."""
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:
        return []


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False
