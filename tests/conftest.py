"""What every test stands on: the servers, the settings for tests, and the fixtures that all rooms share."""

import gc
import importlib.util
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests import environment, servers

try:
    environment.enter()  # before Django reads its settings
except (servers.ServerMissing, servers.ServerFailed) as problem:
    sys.exit(f"The tests cannot start: {problem}")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core import management  # noqa: E402
from django.utils import translation  # noqa: E402
from hypothesis import HealthCheck  # noqa: E402
from hypothesis import settings as hypothesis_settings  # noqa: E402

from crm_site.jobs import pulse, queue  # noqa: E402
from crm_site.jobs.models import Beat  # noqa: E402
from tests import chromium, prepared, putting_back, stages  # noqa: E402

# The cast (specialist_a, manager_a, admin, stranger_b, …) lives in tests/cast.py; real processes in tests/stack.py.
pytest_plugins = [name for name in ("tests.cast", "tests.stack", "tests.outgoing") if importlib.util.find_spec(name)]

#: garbage is looked for after so many new objects; as often as by default it takes a twentieth of the time
SELDOM = (20_000, 20, 10)

settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
settings.RATE_LIMITS = False  # a test asks in a second what hands do in a day; tests/security switches them on
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.WHITENOISE_AUTOREFRESH = True  # every test client would look through all static files before its first page
settings.PULSE_SECONDS = 0  # a page asks for its banner every time: its queries do not depend on the page before
# A slow machine is no failure; under CI every run draws the same examples, so that a green main stays green.
hypothesis_settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=environment.IN_CI
)
hypothesis_settings.load_profile("house")
_test_database = settings.DATABASES["default"].setdefault("TEST", {})
if not environment.on_servers():
    # A file, as in production: other processes can open it, and its locks are the real ones.
    _test_database["NAME"] = str(settings.VAR_DIR / "test.sqlite3")


def pytest_configure(config: pytest.Config) -> None:
    """Let every test database begin as a copy of the prepared one; with xdist it is made before the workers start."""
    if config.getvalue("nomigrations"):
        return
    if not environment.on_servers():
        shutil.copy(prepared.file(), _test_database["NAME"])
        config.option.reuse_db = True
        return
    if getattr(config.option, "numprocesses", None):
        os.environ["TEST_TEMPLATE"] = prepared.template()


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over what stands until the end: modules, and thirteen thousand tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Clone the test database from the prepared one, as late as the first test that needs a database."""
    if environment.on_servers():
        _test_database["TEMPLATE"] = prepared.template()


@pytest.fixture(autouse=True)
def a_queue_that_is_asked():
    """No test leaves the queue alone because it was silent in the test before."""
    queue.pause.end()


def pytest_unconfigure() -> None:
    """Stop the servers, also after Ctrl-C."""
    environment.leave()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say on what this run stood; a report header would not be seen with -q."""
    for note in environment.notes:
        terminalreporter.write_line(f"Stood on {note}.")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the files alone in which no test of the wanted stage can be: to read them all takes long."""
    return stages.is_without(collection_path, config.getoption("markexpr")) or None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """With several processes, what a file or a world takes long to make is made by one of them."""
    return stages.ByWorld(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, what needs a program that is not here; under CI=true such tests fail instead.

    Refuses a test that commits for real beside those that roll back: a world held open by a module would lock it out.
    """
    stages.assert_found(items)
    for item in items:
        commits = (marker := item.get_closest_marker("django_db")) and marker.kwargs.get("transaction")
        if commits and not any(item.get_closest_marker(name) for name in ("races", "browser", "smoke")):
            raise pytest.UsageError(f"{item.nodeid} commits for real: mark it races")
    lacks: dict[str, str] = {}
    if not environment.on_servers() and os.environ.get("TEST_ON") != "sqlite":
        lacks["races"] = environment.notes[0] if environment.notes else "no servers"
    if chromium.find() is None and not environment.IN_CI:
        lacks["browser"] = chromium.MISSING
    for item in items:
        for mark, reason in lacks.items():
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture
def in_english():
    """Words that a test reads are English ones, also where no command of an English shell is between."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def repeat() -> int:
    """How often a race is run: REPEAT, 3 unless told."""
    return int(os.environ.get("REPEAT") or 3)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    """Playwright's Chromium: the installed one, quiet, with a Chinese font."""
    return chromium.launch_options()


@pytest.fixture(scope="session")
def browser_context_args() -> dict:
    """A desk-sized window that speaks Chinese, as the first users do."""
    return {"viewport": {"width": 1440, "height": 900}, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The reference rows that every installation has (rules, trees, levels, results) stand in every test's database."""
    with django_db_blocker.unblock():
        management.call_command("install_defaults", verbosity=0)
        alive()
        putting_back.Kept().keep()


def alive() -> None:
    """Worker and scheduler tick, as far as pages can tell: no page of a test carries the banner unless it is asked."""
    for name in (pulse.WORKER, pulse.SCHEDULER):
        Beat.objects.update_or_create(name=name, defaults={"at": datetime(2100, 1, 1, tzinfo=UTC)})


def pytest_runtest_setup() -> None:
    """Begin every test in Chinese: a page that the test before read in English leaves its language behind."""
    translation.activate(settings.LANGUAGE_CODE)
