"""A process that stands ready inside a stack's Django and runs one management command after another, each in a fork.

Starting Django takes one to two seconds; a test that looks at its stack thirty times would spend most of its time so.
Run as `python -m tests.hand`: each line on stdin is a command's arguments as JSON, each line on stdout its answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, NoReturn

ROOT = Path(__file__).resolve().parent.parent


class Hand:
    """The tests' end: starts the process when it is first needed, and anew when the environment has changed."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """`env` is kept as it is: what is changed in it later counts for the commands that follow."""
        self.env, self.lock = env, threading.Lock()
        self.started_with: dict[str, str] = {}
        self.process: subprocess.Popen | None = None

    def run(self, arguments: Sequence[str]) -> tuple[int, str, str] | None:
        """Exit code, stdout and stderr of a management command; None while another one runs."""
        if not self.lock.acquire(blocking=False):
            return None
        try:
            if self.process is None or self.started_with != self.env:
                self._start()
            assert self.process is not None
            self.process.stdin.write(json.dumps(arguments) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
            assert answer, "the hand has ended"
            return tuple(json.loads(answer))
        finally:
            self.lock.release()

    def rest(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def _start(self) -> None:
        self.rest()
        self.started_with = dict(self.env)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.hand"],
            cwd=ROOT, env=self.started_with, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip


def main() -> None:
    """Prepare what every command needs, then answer line by line until the tests' end closes."""
    import django

    sys.argv[0] = "manage.py"
    django.setup()
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()


def answer(arguments: list[str]) -> tuple[int, str, str]:
    """Run one command in a fork: no connection, cache or counter of one command is seen by the next."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            command(arguments, out.fileno(), err.fileno())
        _, status = os.waitpid(pid, 0)
        said = [_content(one) for one in (out, err)]
    return os.waitstatus_to_exitcode(status), said[0], said[1]


def command(arguments: list[str], out: int, err: int) -> NoReturn:
    """In the fork: run the command with its output in files; an error ends the process as it ends any."""
    from django.core.management import execute_from_command_line

    from crm_site.core.processes import die_with_parent

    die_with_parent()
    with open(os.devnull) as nothing:
        for number, file in enumerate((nothing.fileno(), out, err)):
            os.dup2(file, number)
    execute_from_command_line(["manage.py", *arguments])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # the fork's copy of what the hand has loaded need not be taken down


def _content(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


if __name__ == "__main__":
    main()
