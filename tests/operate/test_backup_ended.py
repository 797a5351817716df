"""A backup, restore or drill that is told to end leaves nothing behind; what a killed one left goes with the next."""

import os
import signal
import uuid
from contextlib import closing
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import psycopg2
import pytest
from django.core.management import call_command

from crm_site.jobs.models import Beat
from crm_site.upkeep.backup import drill, leftovers
from tests import environment, prepared
from tests.operate.house import made

pytestmark = [pytest.mark.races, pytest.mark.usefixtures("in_english")]
TODAY = date(2026, 11, 20)


@pytest.fixture
def practice(tmp_path, monkeypatch) -> Path:
    """The folder for what lives only for a while."""
    (tmp_path / "practice").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "practice"))
    return tmp_path / "practice"


@pytest.fixture
def address() -> str:
    """The database that a drill stands beside."""
    return environment.database_url("postgres") if environment.on_servers() else "sqlite:////nowhere"


@pytest.fixture(autouse=True)
def kept_alive():
    """A signal that nobody takes up fails the test instead of ending the run."""
    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM)}
    for number in before:
        signal.signal(number, lambda *_: pytest.fail("nobody took the signal up"))
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def drills() -> list[str]:
    """The databases of drills that are on the server."""
    if not environment.on_servers():
        return []
    with closing(psycopg2.connect(environment.database_url("postgres"))) as line, line.cursor() as cursor:
        cursor.execute(leftovers.DATABASES)
        return (cursor.fetchone()[0] or "").split()


@pytest.mark.django_db
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_drill_that_is_told_to_end_leaves_nothing_behind(house, practice, address, monkeypatch, number):
    seen = []

    def told_to_end(*_args, **_more):
        seen.extend([*practice.iterdir(), *drills()])
        os.kill(os.getpid(), number)

    monkeypatch.setenv("DATABASE_URL", address)
    monkeypatch.setattr(drill, "restore", told_to_end)
    with pytest.raises(SystemExit, match=str(128 + number)):  # as a shell tells it
        call_command("restore", str(made(house).path), "--drill", stdout=StringIO())
    assert len(seen) == (2 if environment.on_servers() else 1)
    assert [*practice.iterdir(), *drills()] == []
    assert Beat.objects.get(name="drill").detail == {"ok": False, "broke_off": True}


def test_a_second_signal_does_not_interrupt_the_tidying_and_nohup_is_kept():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    tidied = []

    def work():
        os.kill(os.getpid(), signal.SIGHUP)
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            tidied.append("all")

    with pytest.raises(SystemExit), leftovers.tidied_up():
        work()
    assert tidied
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


def grown_old(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "database.part").write_text("everything")
    os.utime(folder, (0, 0))
    return folder


def test_old_folders_go_with_the_next_one(house, practice, address, monkeypatch):
    monkeypatch.setattr(drill, "restore", lambda *_args, **_more: None)
    young = house / ".restoring-young"
    young.mkdir()
    old = [grown_old(house / ".restoring-old"), grown_old(practice / "huifang-drill-old")]
    assert leftovers.copies() == old
    made(house)
    drill.drill(house / "any", url=address, pipe="", say=print, today=TODAY)
    assert not any(folder.exists() for folder in old)
    assert young.exists()


def test_old_databases_go_with_the_next_drill(practice, address, monkeypatch):
    if not environment.on_servers():
        pytest.skip("needs PostgreSQL")
    monkeypatch.setattr(drill, "restore", lambda *_args, **_more: None)
    stays = [f"huifang_drill_{TODAY - timedelta(days=1):%Y%m%d}_ab"]
    goes = [f"huifang_drill_{TODAY - timedelta(days=2):%Y%m%d}_ab", f"huifang_drill_{uuid.uuid4().hex[:12]}"]
    try:
        for name in (*goes, *stays):
            prepared.on_server(f"CREATE DATABASE {name}")
        drill.drill(practice / "any", url=address, pipe="", say=print, today=TODAY)
        assert drills() == stays
    finally:
        for name in (*goes, *stays):
            prepared.on_server(f"DROP DATABASE IF EXISTS {name}")
