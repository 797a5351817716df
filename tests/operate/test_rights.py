"""The application's database role: it does all that the pages and jobs ask for, and cannot rub out what was done."""

import os
import subprocess
import uuid
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from crm_site.audit import trail
from crm_site.audit.models import Entry, Refusal
from crm_site.core import clock, environ
from crm_site.core.errors import RuleBroken
from crm_site.imports.models import BatchState
from crm_site.jobs import runner
from crm_site.reports import actions as reports
from crm_site.upkeep import rights
from crm_site.upkeep.backup import postgres
from revisits.generator import generate
from revisits.models import Revisit, State
from tests import environment, prepared, servers, stack
from tests.factories import DAY, PASSWORD
from tests.imports import sheets
from tests.reports.month import MONTH, make_staff
from tests.revisits.calls import save, service_task

ROOT = Path(__file__).resolve().parent.parent.parent
ROLE = "huifang_app"
needs_roles = pytest.mark.skipif(not environment.on_servers(), reason="SQLite knows no roles")


@pytest.fixture
def as_application(db):
    """The rest of this test's transaction runs with the application's rights."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [ROLE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {ROLE}")
    rights.grant(ROLE)

    def enter() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {ROLE}")

    yield enter
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


# ---- what it must be able to do -------------------------------------------------------------------------------------


@needs_roles
def test_signing_in_and_out_needs_no_more_rights(client, as_application, specialist_a):
    as_application()
    answer = client.post("/sign-in/", {"username": specialist_a.user.username, "password": PASSWORD})
    assert answer.status_code == 302
    assert client.get(reverse("dashboard:home")).status_code == 200
    assert client.post(reverse("accounts:sign_out")).status_code == 302


@needs_roles
def test_a_call_is_saved_and_written_into_the_trail(as_application, store_a, specialist_a):
    task = service_task(store_a)
    as_application()
    save(task, specialist_a)
    assert task.state == State.DONE
    assert Entry.objects.filter(action="revisit.called").exists()


@needs_roles
def test_an_import_is_read_written_and_undone(client, as_application, admin_a):
    as_application()
    batch = sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    assert batch.state == BatchState.APPLIED
    client.force_login(admin_a.user, backend="django.contrib.auth.backends.ModelBackend")
    for step in ("undo_ask", "undo_confirm"):
        client.post(reverse(f"imports:{step}", args=[batch.pk]))
        batch.refresh_from_db()
        runner.run(batch.undo_job_id)
    batch.refresh_from_db()
    assert batch.state == BatchState.UNDONE


@needs_roles
def test_calls_are_generated_and_a_month_is_drafted(as_application, store_a):
    make_staff(store_a, 2)
    task = service_task(store_a)
    Revisit.objects.filter(pk=task.pk).delete()
    as_application()
    generate(store_a.pk, DAY)
    assert reports.build_draft(store_a, MONTH, None, now=clock.now()).pk


# ---- what it must not be able to do ---------------------------------------------------------------------------------

REFUSED = {
    "change the trail": "UPDATE audit_entry SET actor_name = 'nobody'",
    "remove from the trail": "DELETE FROM audit_entry",
    "empty the trail": "TRUNCATE audit_entry",
    "change the log of refusals": "UPDATE audit_refusal SET reason = ''",
    "remove from the log of refusals": "DELETE FROM audit_refusal",
    "empty any table": "TRUNCATE notices_notice",
    "take a trigger off": "DROP TRIGGER audit_entry_append_only ON audit_entry",
    "silence a trigger": "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "replace a trigger's function": "CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql "
    "AS $$ BEGIN RETURN NEW; END $$",
    "switch all triggers off": "SET session_replication_role = 'replica'",
    "make a table": "CREATE TABLE own (id int)",
    "make a table for a while": "CREATE TEMPORARY TABLE own (id int)",
    "drop a table": "DROP TABLE audit_entry",
    "alter a table": "ALTER TABLE audit_entry ADD COLUMN own int",
    "forge a migration": "INSERT INTO django_migrations (app, name, applied) VALUES ('audit', '0009', now())",
    "become the owner": "SET ROLE huifang",
    "read the server's files": "COPY notices_notice FROM '/etc/passwd'",
}  # fmt: skip


@pytest.fixture(scope="module")
def installation():
    """A database made by deploy/postgresql/roles.sql and migrated by its owner: the application's DATABASE_URL."""
    if not environment.on_servers():
        pytest.skip("SQLite knows no roles")
    mark = uuid.uuid4().hex[:8]
    names = {"database": f"roles_{mark}", "owner": f"owner_{mark}", "app": f"app_{mark}"}
    variables = [part for name, value in names.items() for part in ("-v", f"{name}={value}")]
    command = [servers.postgres_program("psql"), "-q", "-v", "ON_ERROR_STOP=1", *variables]
    command += ["-f", str(ROOT / "deploy/postgresql/roles.sql"), environment.database_url("postgres")]
    for _twice in range(2):
        subprocess.run(command, check=True, capture_output=True)
    of_owner, of_app = (
        environment.database_url(names["database"]).replace("://huifang@", f"://{names[who]}@")
        for who in ("owner", "app")
    )
    prepared.run_sql(of_owner, prepared.dump(environment.database_url(stack.migrated_database())))
    env = os.environ | {"DATABASE_URL": of_owner}
    prepared.manage(env, "grant_rights", "--role", names["app"])
    yield of_app, names
    prepared.on_server(f"DROP DATABASE {names['database']} WITH (FORCE)")
    for who in ("app", "owner"):
        prepared.on_server(f"DROP ROLE {names[who]}")


@needs_roles
@pytest.mark.parametrize("what", sorted(REFUSED.keys() - {"become the owner"}))  # this test's session is the owner's
def test_the_application_cannot(what, as_application, store_a):
    trail.record(None, "store.changed", store_a)
    as_application()
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(REFUSED[what])
    assert refused.value.__cause__.pgcode == "42501"  # insufficient privilege
    assert Entry.objects.exists()


@pytest.mark.races
def test_with_an_account_of_its_own_it_can_do_no_more(installation):
    address, names = installation
    line = psycopg2.connect(address)
    line.autocommit = True
    asked = line.cursor()
    asked.execute(
        "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
    )
    assert asked.fetchone() == ("C.UTF-8", "UTF8")
    went_through = []
    for what, statement in REFUSED.items():
        own = statement.replace(ROLE, names["app"]).replace("SET ROLE huifang", f"SET ROLE {names['owner']}")
        try:
            asked.execute(own)
        except psycopg2.errors.InsufficientPrivilege:
            continue
        went_through.append(what)
    line.close()
    assert went_through == []


@pytest.mark.races
def test_the_owner_sees_that_the_application_is_connected_before_it_restores(installation):
    address, names = installation
    owner = postgres.Postgres(environ.database_from_url(address.replace(names["app"], names["owner"]), ROOT))
    alone = owner.in_use()
    with closing(psycopg2.connect(address)):
        assert owner.in_use() == alone + 1


@pytest.mark.races
def test_a_table_made_later_is_open_to_the_application_at_once(installation):
    address, names = installation
    owner = psycopg2.connect(address.replace(names["app"], names["owner"]))
    owner.autocommit = True
    owner.cursor().execute("CREATE TABLE later (id bigint GENERATED BY DEFAULT AS IDENTITY, what text)")
    app = psycopg2.connect(address)
    app.cursor().execute("INSERT INTO later (what) VALUES ('x'); UPDATE later SET what = 'y'; DELETE FROM later")
    app.close()
    owner.cursor().execute("DROP TABLE later")
    owner.close()


# ---- giving the rights ----------------------------------------------------------------------------------------------


@needs_roles
@pytest.mark.django_db
def test_the_owner_itself_is_refused():
    with pytest.raises(RuleBroken, match="owner|所有者"):
        rights.grant(connection.settings_dict["USER"])


@needs_roles
def test_who_forgets_to_run_it_as_the_owner_is_told_so(as_application, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    as_application()
    with pytest.raises(CommandError, match="cannot give rights to itself.*--owner"):
        call_command("grant_rights", role=ROLE)


@needs_roles
@pytest.mark.django_db
def test_a_role_that_is_not_there_is_named():
    with pytest.raises(CommandError, match="nobody_at_all"):
        call_command("grant_rights", role="nobody_at_all")


@needs_roles
def test_every_table_whose_trigger_refuses_changes_is_a_journal(as_application):
    assert {"audit_entry", "audit_refusal"} <= set(rights.journals())


@needs_roles
def test_a_dry_run_says_all_and_does_nothing(as_application, capsys):
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE fresh")
    call_command("grant_rights", role="fresh", dry_run=True)
    assert 'REVOKE UPDATE, DELETE ON "audit_entry" FROM "fresh"' in capsys.readouterr().out
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('fresh', 'audit_entry', 'SELECT')")
        assert cursor.fetchone() == (False,)


@needs_roles
def test_giving_them_again_takes_back_what_was_given_beside(as_application):
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT TRUNCATE, UPDATE, DELETE ON audit_entry TO {ROLE}")
    rights.grant(ROLE)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT has_table_privilege('{ROLE}', 'audit_entry', 'TRUNCATE, UPDATE, DELETE')")
        assert cursor.fetchone() == (False,)


def test_the_models_of_the_journals_are_those_of_the_trail():
    assert set(rights.JOURNALS) == {Entry, Refusal}
