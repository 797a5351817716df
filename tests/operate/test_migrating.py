"""A killed migration can be run again, a second one waits, and which ones are safe under load is said beforehand."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, migrations, models
from django.db.migrations.migration import Migration

from crm_site.core import engine
from crm_site.core.management.commands import migrate
from crm_site.upkeep import weighing
from tests import environment, prepared
from tests.stack import environment_on

ROOT = Path(__file__).resolve().parent.parent.parent
#: migrates one room and is killed in the place that Django leaves open: tables made, nothing noted
KILLED_BEFORE_THE_NOTE = """
import os, django
django.setup()
from django.core.management import call_command
from crm_site.core.migrating import WholeExecutor
noted = WholeExecutor.record_migration
def die(self, migration):
    if migration.name == "0001_initial" and migration.app_label == "audit":
        os.kill(os.getpid(), 9)
    noted(self, migration)
WholeExecutor.record_migration = die
call_command("migrate", "audit", verbosity=0)
"""


@pytest.fixture(params=["servers", "embedded"])
def empty(request, tmp_path):
    """The environment of a process on an empty database."""
    if request.param == "embedded":
        yield environment_on(tmp_path, "")
        return
    if not environment.on_servers():
        pytest.skip("this run has no PostgreSQL")
    name = f"killed_{uuid.uuid4().hex[:8]}"
    prepared.on_server(f"CREATE DATABASE {name}")
    yield environment_on(tmp_path, name)
    prepared.on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.races
def test_killed_between_the_tables_and_their_note_it_runs_again(empty):
    died = subprocess.run([sys.executable, "-c", KILLED_BEFORE_THE_NOTE], cwd=ROOT, env=empty, check=False)
    assert died.returncode == -9
    prepared.manage(empty, "migrate", "audit", "--verbosity", "0")


@pytest.mark.races
def test_a_second_migration_waits_for_the_first():
    if not environment.on_servers():
        pytest.skip("this run has no PostgreSQL")
    first = psycopg2.connect(environment.database_url("postgres"))
    first.cursor().execute("SELECT pg_advisory_lock(hashtext('huifang migrate'))")
    command = [sys.executable, "manage.py", "migrate", "audit", "0001", "--plan"]
    env = os.environ | {"DATABASE_URL": environment.database_url("postgres")}
    second = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(timeout=4)
    first.close()
    assert second.wait(timeout=30) == 0


def test_a_table_in_use_is_a_plain_sentence(monkeypatch):
    def blocked(*_args, **_options):
        cause = type("LockNotAvailable", (Exception,), {"pgcode": "55P03"})()
        raise OperationalError("canceling statement due to lock timeout") from cause

    monkeypatch.setattr(migrate.migrate.Command, "handle", blocked)
    monkeypatch.setattr(engine, "alone_migrating", lambda **_more: __import__("contextlib").nullcontext())
    with pytest.raises(CommandError, match="Run it again"):
        call_command("migrate", skip_checks=True)


def step(*operations):
    """A migration of these steps."""
    made = Migration("0009_step", "customers")
    made.operations = list(operations)
    return made


SAFE = [
    migrations.CreateModel("Later", [("id", models.BigAutoField(primary_key=True))]),
    migrations.AddField("customer", "later", models.TextField(null=True)),
    migrations.AddField("customer", "later", models.TextField(db_default="")),
]
UNSAFE = [
    migrations.AddField("customer", "later", models.TextField(default="")),
    migrations.RemoveField("customer", "name"),
    migrations.RenameField("customer", "name", "called"),
    migrations.DeleteModel("Customer"),
    migrations.AlterField("customer", "name", models.TextField()),
    migrations.AddIndex("customer", models.Index(fields=["name"], name="later")),
    migrations.AddConstraint("customer", models.CheckConstraint(condition=models.Q(pk__gt=0), name="later")),
    migrations.RunPython(migrations.RunPython.noop),
]


@pytest.mark.parametrize("operation", SAFE)
def test_what_only_adds_is_safe_under_load(operation):
    assert list(weighing.worries([step(operation)])) == []


@pytest.mark.parametrize("operation", UNSAFE)
def test_what_locks_or_takes_away_is_named(operation):
    worry = next(weighing.worries([step(operation)]))
    assert worry.migration == "customers.0009_step"
    assert worry.why


def test_an_index_of_a_table_made_in_the_same_run_worries_nobody():
    index = migrations.AddIndex("later", models.Index(fields=["id"], name="later"))
    assert list(weighing.worries([step(SAFE[0], index)])) == []


def test_the_command_refuses_unless_the_quiet_minute_has_come(monkeypatch, capsys):
    monkeypatch.setattr(weighing, "waiting", lambda: [step(UNSAFE[0])])
    with pytest.raises(CommandError):
        call_command("weigh_migrations")
    call_command("weigh_migrations", accept=True)
    assert "customers.0009_step" in capsys.readouterr().out


def own_migrations() -> dict[str, Migration]:
    """The migrations of the product, by room and name."""
    loader = weighing.MigrationExecutor(None).loader
    rooms = ("crm_site", "customers", "revisits", "complaints", "satisfaction")
    return {".".join(key): one for key, one in loader.disk_migrations.items() if one.__module__.startswith(rooms)}


def test_no_migration_of_the_product_goes_without_its_transaction():
    own = own_migrations()
    assert len(own) > 50
    assert [name for name, one in own.items() if not one.atomic] == []


def test_a_table_is_made_with_its_constraints_and_indexes_in_one_step():
    """Django renders half the house for every step: a fresh `migrate` takes twice as long with a step for each."""
    apart = []
    for name, one in own_migrations().items():
        made = {step.name_lower for step in one.operations if isinstance(step, migrations.CreateModel)}
        later = {
            step.model_name_lower for step in one.operations if isinstance(step, migrations.AddField)
        }  # in a circle
        steps = [step for step in one.operations if isinstance(step, migrations.AddConstraint | migrations.AddIndex)]
        apart += [(name, step.describe()) for step in steps if step.model_name_lower in made - later]
    assert not apart, "write them into the options of CreateModel"
