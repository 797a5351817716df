"""What systemd does for the units of deploy/: holds the door open and starts web servers behind it, one by one."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from crm_site.core.processes import die_with_parent

ROOT = Path(__file__).resolve().parent.parent.parent
#: TimeoutStopSec of the units
STOP_SECONDS = 30
#: hands the door over as systemd does: the first descriptor after the three that every process has
START = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])
"""


class Door:
    """A listening socket on a free port, and the web servers that share it (huifang-web@a, huifang-web@b)."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """Nobody answers yet; requests wait in the queue of the socket."""
        self.env = env
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.socket.getsockname()[1]
        self.servers: dict[str, subprocess.Popen] = {}
        self.stops: list[float] = []
        self._folder = tempfile.TemporaryDirectory()

    def start(self, name: str, *, workers: int = 1) -> None:
        """Start a server and wait until it tells that it is ready, as Type=notify does."""
        told = Path(self._folder.name, f"{name}.sock")
        told.unlink(missing_ok=True)
        gunicorn = [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            "deploy/gunicorn.conf.py",
            "crm_site.wsgi:application",
        ]
        more = {"LISTEN_FDS": "1", "NOTIFY_SOCKET": str(told), "WEB_WORKERS": str(workers), "HUIFANG_PROCESS": "web"}
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready, self._log(name).open("ab") as log:
            ready.bind(str(told))
            ready.settimeout(90)
            number = self.socket.fileno()
            self.servers[name] = subprocess.Popen(
                [sys.executable, "-c", START, str(number), *gunicorn],
                cwd=ROOT, env=dict(self.env) | more, pass_fds=[number], stdout=log, stderr=log,
                start_new_session=True, preexec_fn=die_with_parent,  # noqa: PLW1509 - no thread forks here
            )  # fmt: skip
            while b"READY=1" not in ready.recv(4096):
                pass

    def stop(self, name: str) -> float:
        """Ask a server to end (TERM to its master alone) and give the seconds it took; killed after 30."""
        process, began = self.servers.pop(name), time.monotonic()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.stops.append(time.monotonic() - began)
        return self.stops[-1]

    def roll(self, *, workers: int = 1) -> None:
        """deploy/rolling.sh: one server after the other, each ready before the next stops."""
        for name in list(self.servers):
            self.stop(name)
            self.start(name, workers=workers)

    def close(self) -> None:
        """Stop all and close the door."""
        for name in list(self.servers):
            self.stop(name)
        self.socket.close()
        self._folder.cleanup()

    def said(self, name: str) -> str:
        """What a server has printed."""
        return self._log(name).read_text(errors="replace")

    def _log(self, name: str) -> Path:
        return Path(self._folder.name, f"{name}.log")
