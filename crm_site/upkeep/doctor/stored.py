"""The doctor looks at the database: reachable, of which kind, migrated, with its triggers, and what the role may do."""

from __future__ import annotations

from datetime import datetime

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from crm_site.core import clock, engine
from crm_site.core.triggers import AppendOnlyTrigger, RefusedWhen
from crm_site.upkeep import rights, weighing
from crm_site.upkeep.backup import leftovers as left
from crm_site.upkeep.doctor.findings import Finding, fine, watch, wrong

#: the oldest server, and the oldest library, on which all tests have run
OLDEST = {"postgresql": (14,), "sqlite": (3, 40)}
SKEW_SECONDS = 5
#: PostgreSQL's error for a statement that the role has no right to
_FORBIDDEN = "42501"


def reachable(now: datetime) -> Finding:
    """Whether it answers at all."""
    try:
        engine.ask("SELECT 1")
    except DatabaseError as problem:
        return wrong(
            _("The database does not answer: %(reason)s") % {"reason": str(problem).strip().splitlines()[0]},
            _("Is PostgreSQL running? Are host, name, role and password in DATABASE_URL right?"),
        )
    return fine(_("The database answers."))


def version(now: datetime) -> Finding:
    """Old servers lack what the product uses."""
    found, oldest = engine.version(), OLDEST[engine.name()]
    shown = ".".join(map(str, found))
    if found < oldest:
        return wrong(
            _("The database is version %(version)s, too old.") % {"version": shown},
            _("Update it to %(oldest)s or newer.") % {"oldest": ".".join(map(str, oldest))},
        )
    return fine(_("Database version %(version)s.") % {"version": shown})


def texts(now: datetime) -> Finding:
    """Chinese needs UTF-8; an order of texts that changes with the system's library breaks indexes."""
    if not engine.has_roles():
        return fine(_("Texts are stored as UTF-8."))
    encoding = engine.ask("SHOW server_encoding")
    collation = engine.ask("SELECT datcollate FROM pg_database WHERE datname = current_database()")
    if encoding != "UTF8":
        return wrong(
            _("The database stores texts as %(encoding)s.") % {"encoding": encoding},
            _("Make one with ENCODING 'UTF8' (deploy/postgresql/roles.sql) and restore a backup into it."),
        )
    if collation not in {"C", "C.UTF-8", "C.utf8", "POSIX"}:
        return watch(
            _("The database sorts texts by %(collation)s, whose order may change with an update of the system.")
            % {"collation": collation},
            _("After an update of the system run REINDEX DATABASE, or move to C.UTF-8 (deploy/postgresql/roles.sql)."),
        )
    return fine(_("Texts are stored as UTF-8."))


def migrated(now: datetime) -> Finding:
    """Whether the tables are those of this version."""
    waiting = weighing.waiting()
    if waiting:
        return wrong(
            _("%(count)s migrations wait, the first is %(name)s.")
            % {"count": len(waiting), "name": f"{waiting[0].app_label}.{waiting[0].name}"},
            _("Run manage.py migrate as the owner of the tables, then grant_rights (deploy/update.sh does both)."),
        )
    return fine(_("All migrations are applied."))


def guarded(now: datetime) -> Finding:
    """Whether every trigger that the migrations have laid is there and at work."""
    steps = [step for one in MigrationLoader(None).disk_migrations.values() for step in one.operations]
    guards = (step for step in steps if isinstance(step, AppendOnlyTrigger | RefusedWhen))
    wanted = set().union(*(step.trigger_names(engine.name()) for step in guards))
    missing = sorted(wanted - engine.triggers())
    if missing:
        return wrong(
            _("Triggers that guard the audit trail or published questionnaires are missing: %(names)s.")
            % {"names": ", ".join(missing[:5])},
            _("Find out who took them off. Restore the database from a backup, or have its owner lay them again."),
        )
    return fine(_("%(count)s triggers guard what must not change.") % {"count": len(wanted)})


def role(now: datetime) -> Finding:
    """Whether web and worker can rub out what was done."""
    if not engine.has_roles():
        return fine(_("SQLite: whoever may write the file may change everything in it."))
    table = f'"{rights.JOURNALS[0]._meta.db_table}"'
    mighty = engine.ask("SELECT rolsuper OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    owns = engine.ask(f"SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class WHERE oid = '{table}'::regclass")  # noqa: S608
    changes = engine.ask(f"SELECT has_table_privilege('{table}', 'UPDATE, DELETE, TRUNCATE')")
    if "True" in (mighty, owns, changes):
        return watch(
            _("The role of DATABASE_URL may change the audit trail or the tables."),
            _("Let web and worker run as a role of their own: deploy/postgresql/roles.sql, manage.py grant_rights."),
        )
    return fine(_("The role reads and writes rows, and can only add to the audit trail."))


def bounded(now: datetime) -> Finding:
    """Whether a statement of a page is given up in time: the pooler or DATABASE_URL may have taken the bounds away."""
    if not engine.has_roles():
        return fine(_("SQLite waits 20 seconds for a lock."))
    options = connection.settings_dict["OPTIONS"].get("options", "")
    if "statement_timeout" not in options:
        return watch(
            _("DATABASE_URL replaces the options of connections, and with them the bounds of statements."),
            _("Add -c statement_timeout=20s -c lock_timeout=10s to its options, or set them for the role."),
        )
    return fine(_("Statements of pages are given up after 20 seconds."))


def clocks(now: datetime) -> Finding:
    """Deadlines and leases compare the clocks of several machines."""
    apart = abs((engine.now() - clock.now()).total_seconds())
    if apart > SKEW_SECONDS:
        return wrong(
            _("The clocks of this machine and of the database are %(seconds)s seconds apart.")
            % {"seconds": round(apart)},
            _("Let both set their clocks by NTP (timedatectl set-ntp true)."),
        )
    return fine(_("The clocks agree."))


def leftovers(now: datetime) -> Finding:
    """A restore or a drill that was killed outright leaves all data in a second place."""
    found = [str(folder) for folder in left.copies()]
    if engine.has_roles():
        found += left.old_databases(engine.ask(left.DATABASES), clock.business_day(now))
    if found:
        return watch(
            _("A restore or drill that was killed has left all data behind: %(names)s.") % {"names": ", ".join(found)},
            _("Remove the folders (rm -r) and databases (dropdb) named here; the next drill does it too."),
        )
    return fine(_("No restore or drill has left anything behind."))
