"""Runs the whole of Huifang on one machine: prepares the database, then the web server and the background worker."""

import fcntl
import os
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from django.utils import translation
from django.utils.translation import gettext as _

from crm_site.core.commandline import SpeakingCommand
from crm_site.core.i18n import gettext_noop
from crm_site.core.processes import Program, Supervisor
from crm_site.core.web.server import LIMITS

DEMO_LOGINS = "specialist1 frontline1 head1 manager1 director1 admin1"
WEB, WORKER = gettext_noop("web server"), gettext_noop("worker")


class Command(SpeakingCommand):
    """`manage.py serve`: everything one machine needs, stopped as one by Ctrl-C; in demo mode with a demo world."""

    help = "Prepare the database and run web server, worker and scheduler together until Ctrl-C."
    requires_system_checks: list[str] = []  # migrate runs them a moment later

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the port, and how many web and worker processes to run."""
        parser.add_argument("--port", type=int, default=os.environ.get("PORT") or "8000")
        parser.add_argument("--web", type=int, default=2, help="web processes")
        parser.add_argument("--workers", type=int, default=2, help="worker processes")

    def handle(self, *args: object, **options: int) -> None:
        """Check the port, prepare, run; ends with an error when a part stops unasked."""
        port = options["port"]
        refuse_taken_port(port)
        settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        with only_one_in(settings.VAR_DIR):
            failure = self.prepare_and_run(port, options["web"], options["workers"])
        self.say(_("Stopped."))
        if failure:
            raise CommandError(failure)

    def prepare_and_run(self, port: int, web: int, workers: int) -> str:
        """Everything between taking and giving back the state folder; gives what went wrong, or ''."""
        self.prepare()
        supervisor = Supervisor(os.environ)
        try:
            return self.fill_demo(supervisor) or self.run(supervisor, port, web, workers)
        finally:
            supervisor.stop()

    def prepare(self) -> None:
        """Compile translations, collect static files (production), migrate, install defaults."""
        Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
        started = time.monotonic()
        call_command("i18n", "compile")
        if not settings.DEMO:
            call_command("collectstatic", interactive=False, verbosity=0)
        call_command("migrate", interactive=False, verbosity=0)
        call_command("check", tags=["database"], databases=["default"], verbosity=0)  # no demo data in production
        with translation.override(settings.LANGUAGE_CODE):  # what is kept has nothing to do with this shell
            call_command("install_defaults", verbosity=0)
        self.say(_("Database ready (%(seconds).0f s).") % {"seconds": time.monotonic() - started})

    def fill_demo(self, supervisor: Supervisor) -> str:
        """Load the demo world into an empty demo database; gives what went wrong, or ''."""
        empty = not get_user_model().objects.exists()
        connections.close_all()
        if not (settings.DEMO and empty):
            return ""
        self.say(_("Loading the demo world …"))
        code = supervisor.run_once(Program("demo", [sys.executable, "manage.py", "demo"]))
        if code and supervisor.stop_signal is None:
            return _("The demo world could not be loaded (exit code %(code)d); see above.") % {"code": code}
        return ""

    def run(self, supervisor: Supervisor, port: int, web: int, workers: int) -> str:
        """Run web server and worker until a signal (gives '') or until one of them ends (gives what to say)."""
        if supervisor.stop_signal is not None:
            return ""
        for program in (web_server(port, web), worker(workers)):
            supervisor.start(program)
        self.announce(supervisor, port)
        ended = supervisor.wait()
        if ended is None:
            return ""
        name, code = ended
        return _(
            "The %(name)s ended by itself (exit code %(code)d), so everything was stopped; see its last lines above."
        ) % {"name": _(name), "code": code}

    def announce(self, supervisor: Supervisor, port: int) -> None:
        """Say the address and the logins as soon as the port answers."""
        while not _answers(port) and supervisor.stop_signal is None:
            if any(process.poll() is not None for process in supervisor.running.values()):
                return
            time.sleep(0.1)
        address = f"http://127.0.0.1:{port}/"
        self.say("\n  " + _("Huifang is running:  %(address)s   (Ctrl-C stops it)") % {"address": address})
        if settings.DEMO:
            self.say("  " + _("Demo logins:         %(logins)s") % {"logins": DEMO_LOGINS})
            self.say("  " + _("Password of each:    %(password)s") % {"password": settings.DEMO_PASSWORD} + "\n")


def refuse_taken_port(port: int) -> None:
    """Raise CommandError with a way out when something else listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as problem:
            refusal = _(
                "Port %(port)s cannot be used (%(reason)s). Stop what is running there, or choose another: %(way)s"
            )
            way = "PORT=8123 make run" if settings.DEMO else "manage.py serve --port 8123"
            raise CommandError(refusal % {"port": port, "reason": problem, "way": way}) from problem


@contextmanager
def only_one_in(folder: Path) -> Iterator[None]:
    """Hold the state folder for this process; raises CommandError when another `serve` runs in it."""
    with (folder / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            refusal = _("Huifang is running from %(folder)s already. Stop it first (Ctrl-C there).")
            raise CommandError(refusal % {"folder": folder}) from problem
        yield


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def web_server(port: int, processes: int) -> Program:
    """gunicorn on the loopback address; a proxy in front of it speaks to the world."""
    command = [sys.executable, "-m", "gunicorn", "crm_site.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(processes), "--preload", "--no-control-socket", "--graceful-timeout", "4"]
    command += ["--timeout", "60"]  # above the database's bound for a statement, as in production
    command += ["--log-level", "warning", *LIMITS]
    if not settings.DEMO:
        command += ["--access-logfile", "-", "--logger-class", "crm_site.core.web.server.ServerLog"]
    if Path("/dev/shm").is_dir():
        command += ["--worker-tmp-dir", "/dev/shm"]
    return Program(WEB, command)


def worker(processes: int) -> Program:
    """One Celery worker that carries the scheduler (beat) inside, as the embedded broker wants exactly one."""
    # Inside a container the only account is often root; Celery's page about that hides what matters.
    command = [sys.executable, "-W", "ignore:You're running the worker with superuser privileges", "-m", "celery"]
    command += ["--quiet", "-A", "crm_site.celery:app", "worker", "--beat", "--loglevel", "WARNING"]
    command += ["--concurrency", str(processes), "--pool", "prefork", "--without-gossip", "--without-mingle"]
    command += ["--without-heartbeat"]  # nobody listens
    return Program(WORKER, command)
