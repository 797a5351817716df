"""T44: a backup taken while people write comes back whole: rows, files, refusals, counters, reports."""

import os
import random
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections, transaction
from django.test import Client

from crm_site.audit import trail
from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.files import actions as files
from crm_site.files.models import StoredFile
from crm_site.jobs.models import Beat, Job, State
from crm_site.reports import actions as reports
from crm_site.reports.models import MonthlyReport
from crm_site.upkeep.backup import archive, engines, making, restoring
from crm_site.upkeep.backup.manifest import left_out
from customers.models import Customer
from tests import environment, prepared, servers
from tests.factories import CustomerFactory, StoreFactory, UserFactory
from tests.reports.month import MONTH, full_month
from tests.stack import environment_on

pytestmark = [pytest.mark.races, pytest.mark.smoke, pytest.mark.usefixtures("in_english")]
commits = pytest.mark.django_db(transaction=True)
WRITERS = 20
NOW = clock.at(MONTH + timedelta(days=40), 12)


@pytest.fixture
def world(reference, settings, tmp_path, monkeypatch):
    """A store with a month's report, a signed-in browser, a job in the middle of its work."""
    if environment.on_servers():
        monkeypatch.setenv("PG_BIN", str(Path(servers.postgres_program("pg_dump")).parent))
    settings.MEDIA_ROOT = tmp_path / "files"
    store = StoreFactory(code="T44")
    full_month(store, orders=12, deliveries=6, answers=6, tickets=8)
    reports.build_draft(store, MONTH, None, now=NOW)
    Client().force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    Job.objects.create(
        kind="reports.draft", key="t44", state=State.RUNNING, created_at=NOW, due_at=NOW, holder="somebody",
        lease_until=NOW + timedelta(days=9999),
    )  # fmt: skip
    return store


@contextmanager
def writing(store) -> Iterator[None]:
    """Twenty writers at once: a customer, a file with its row, an entry of the trail, in one transaction each."""
    over, failed = threading.Event(), []

    def write() -> None:
        try:
            while not over.wait(0.02):
                with transaction.atomic():
                    customer = CustomerFactory(store=store, number=uuid.uuid4().hex[:20])
                    content = os.urandom(2000)
                    files.keep(content, "a.bin", store=store, owner=None, purpose="export", capability="home", now=NOW)
                    trail.record(None, "customer.created", customer)
        except DatabaseError as problem:
            failed.append(problem)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        yield
    finally:
        over.set()
        for writer in writers:
            writer.join()
    assert not failed


@pytest.fixture
def elsewhere(tmp_path) -> Iterator[str]:
    """The address of an empty database, as on a new machine."""
    if not environment.on_servers():
        yield f"sqlite:///{tmp_path / 'new' / 'huifang.sqlite3'}"
        return
    name = f"restored_{uuid.uuid4().hex[:12]}"
    prepared.on_server(f"CREATE DATABASE {name}")
    yield environment.database_url(name)
    prepared.on_server(f"DROP DATABASE {name} WITH (FORCE)")


def backed_up(folder: Path) -> Path:
    call_command("backup", "--to", str(folder), stdout=StringIO())
    (path,) = folder.glob("huifang-*")
    return path


def restored(path: Path, url: str, into: Path) -> str:
    said = StringIO()
    call_command("restore", str(path), "--into", url, "--files", str(into), stdout=said)
    return said.getvalue()


@contextmanager
def seen(url: str) -> Iterator[str]:
    with restoring.seen_by_django(restoring.Place(url, Path()).entry) as alias:
        yield alias


@commits
def test_a_backup_under_load_comes_back_whole(world, elsewhere, tmp_path):
    customers = Customer.objects.count()
    with writing(world):
        path = backed_up(tmp_path / "backups")
    said = restored(path, elsewhere, tmp_path / "new" / "files")
    assert "equal to the backup" in said
    assert "1 jobs to be taken up again" in said
    assert "missing" not in said
    with seen(elsewhere) as alias:
        kept = StoredFile.objects.using(alias)
        assert Customer.objects.using(alias).count() == customers + kept.count()  # whole transactions only
        assert_twenty_records_are_equal(alias)
        for row in kept.order_by("?")[:20]:
            assert (tmp_path / "new" / "files" / row.path).read_bytes() == files.path_of(row).read_bytes()
        assert_it_goes_on(alias)
    assert_reports_keep_their_hash(world, elsewhere)
    assert Beat.objects.get(name="backup").detail["name"] == path.name


def assert_twenty_records_are_equal(alias: str) -> None:
    """Records drawn by lot out of all business tables are what they were, column by column."""
    dice, compared = random.Random(44), 0
    changed = {"jobs.job", "jobs.beat", "audit.entry"}
    models = [one for one in apps.get_models() if one._meta.label_lower not in changed and one._meta.managed]
    dice.shuffle(models)
    for model in models:
        keys = list(model._base_manager.using(alias).values_list("pk", flat=True)[:200])
        if keys and model._meta.db_table not in left_out():
            key = dice.choice(keys)
            there, here = (model._base_manager.using(one).filter(pk=key).values().get() for one in (alias, "default"))
            assert there == here, model
            compared += 1
    assert compared >= 20


def assert_it_goes_on(alias: str) -> None:
    """Nobody is signed in, the trail refuses changes, counters go on, the job that ran may be claimed."""
    store = next(iter(left_out()))
    with connections[alias].cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{store}"')
        assert cursor.fetchone() == (0,)
    rows = Entry.objects.using(alias).all()
    for change in (lambda: rows.update(actor_name="nobody"), lambda: rows._raw_delete(alias)):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(using=alias):
            change()
    told = Entry.objects.using(alias).latest("pk")
    assert (told.action, told.actor_type, told.detail["ok"]) == ("backup.restored", "system", True)
    assert Entry.objects.using(alias).create(at=NOW, action="x.y", subject_type="x").pk > told.pk
    kept = Entry.objects.using(alias).filter(pk__lt=told.pk).order_by("pk").values()
    assert list(kept) == list(Entry.objects.filter(pk__in=[one["id"] for one in kept]).order_by("pk").values())
    job = Job.objects.using(alias).get(key="t44")
    assert job.holder == ""
    assert Job.objects.using(alias).claimable(clock.now() + timedelta(seconds=1)).filter(pk=job.pk).exists()


def assert_reports_keep_their_hash(store, url: str) -> None:
    """T52: the month composed anew out of the restored rows is the same text."""
    code = (
        "from crm_site.reports import rules; from crm_site.reports.snapshot import compose; import datetime; "
        f"print(rules.digest(compose({store.pk}, datetime.date.fromisoformat('{MONTH}'))))"
    )
    said = prepared.manage(os.environ | {"DATABASE_URL": url}, "shell", "--no-imports", "-c", code)
    assert said.strip() == MonthlyReport.objects.get(store=store, month=MONTH).sha256


@commits
def test_a_drill_proves_it_and_leaves_nothing_behind(world, tmp_path, monkeypatch):
    files.keep(b"PK", "a.bin", store=world, owner=None, purpose="export", capability="home", now=NOW)
    path = backed_up(tmp_path / "backups")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "practice"))
    (tmp_path / "practice").mkdir()
    name = settings.DATABASES["default"]["NAME"]
    address = environment.database_url(name) if environment.on_servers() else f"sqlite:///{name}"
    monkeypatch.setenv("DATABASE_URL", address)
    said = StringIO()
    call_command("restore", str(path), "--drill", stdout=said)
    assert "equal to the backup" in said.getvalue()
    detail = Beat.objects.get(name="drill").detail
    assert (detail["ok"], detail["files"], detail["missing_count"]) == (True, 1, 0)
    assert list((tmp_path / "practice").iterdir()) == []
    assert drills() == []


@commits
def test_a_drill_that_breaks_off_has_proved_nothing(world, tmp_path, monkeypatch):
    Beat.objects.create(name="drill", at=NOW, detail={"ok": True})
    path = backed_up(tmp_path / "backups")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(CommandError):
        call_command("restore", str(path), "--drill", stdout=StringIO())
    assert Beat.objects.get(name="drill").detail == {"ok": False, "broke_off": True}
    assert drills() == []


@commits
def test_what_was_being_removed_is_not_missed_by_a_restore_and_what_was_lost_is(
    world, elsewhere, tmp_path, monkeypatch
):
    values = {"store": world, "owner": None, "purpose": "export", "capability": "home", "now": NOW}
    going, lost = (files.keep(name.encode(), f"{name}.bin", **values) for name in ("going", "lost"))
    files.path_of(lost).unlink()
    listed = archive.names_below

    def names(root):
        files.remove(going, now=NOW)
        return listed(root)

    with monkeypatch.context() as patched:
        patched.setattr(archive, "names_below", names)
        patched.setattr(making, "PATIENCE", 0)
        with pytest.raises(CommandError, match=rf"lacks 1 files.*\n{lost.path}"):
            backed_up(tmp_path / "backups")
    (path,) = (tmp_path / "backups").iterdir()
    with pytest.raises(CommandError, match=rf"1 files are missing.*\n{lost.path}"):
        restored(path, elsewhere, tmp_path / "new" / "files")
    with seen(elsewhere) as alias:
        told = Entry.objects.using(alias).latest("pk")
        assert (told.action, told.detail["ok"]) == ("backup.restored", False)


def drills() -> list[str]:
    """The databases that a drill has left on the server."""
    if not environment.on_servers():
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'huifang\\_drill\\_%'")
        return [name for (name,) in cursor.fetchall()]


@commits
def test_a_changed_row_is_found(world, elsewhere, tmp_path, monkeypatch):
    path = backed_up(tmp_path / "backups")
    kind = type(engines.of(settings.DATABASES["default"]))
    load = kind.load

    def load_and_lose(engine, source, *, replace):
        load(engine, source, replace=replace)
        with seen(elsewhere) as alias:
            Customer.objects.using(alias).filter(pk=Customer.objects.using(alias).first().pk).update(name="改")

    monkeypatch.setattr(kind, "load", load_and_lose)
    with pytest.raises(CommandError, match="customers_customer"):
        restored(path, elsewhere, tmp_path / "new" / "files")


def test_an_older_backup_is_migrated_after_it_has_been_compared(tmp_path, django_db_blocker):
    """On SQLite alone: what comes after the comparison is the same on both."""
    if environment.on_servers():
        pytest.skip("once is enough, on the engine that makes it soonest")
    old = Path(tmp_path, "huifang.sqlite3")
    old.write_bytes(prepared.file().read_bytes())
    env = environment_on(tmp_path, "")
    prepared.manage(env, "migrate", "jobs", "0002", "--verbosity", "0")
    made = making.make(tmp_path / "kept", now=NOW, entry=restoring.Place(f"sqlite:///{old}", old).entry)
    new, said = restoring.Place(f"sqlite:///{tmp_path / 'new.sqlite3'}", tmp_path / "new"), []
    with django_db_blocker.unblock():
        report = restoring.restore(made.path, new, pipe="", replace=False, say=said.append)
    assert report.is_equal
    assert "older than this version" in " ".join(said)
    with sqlite3.connect(tmp_path / "new.sqlite3") as line:
        assert line.execute("SELECT count(*) FROM jobs_periodicrun").fetchone() == (0,)
