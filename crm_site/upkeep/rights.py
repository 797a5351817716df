"""What the application's database role may do: the one source of its rights, given by the owner after each migration.

The owner makes tables and may change them; the application reads and writes rows. What only grows (the audit trail,
the log of refusals, every table whose trigger refuses changes) it may read and add to; nothing may it empty, alter or
make. So who has taken the web server over still cannot rub out what was done.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils.translation import gettext as _

from crm_site.audit.models import Entry, Refusal
from crm_site.core import engine
from crm_site.core.errors import RuleBroken

#: tables that only grow, beside those whose triggers say so themselves
JOURNALS = (Entry, Refusal)
#: what only migrating writes
OF_THE_OWNER = ("django_migrations",)

_GROWING = """
SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'public'::regnamespace AND t.tgname LIKE '%\\_append\\_only'
"""
_ROLE = """
SELECT rolname = current_user,
       rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls
       OR pg_has_role(rolname, (SELECT nspowner FROM pg_namespace WHERE nspname = 'public'), 'MEMBER')
       OR EXISTS (SELECT 1 FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relowner = r.oid)
FROM pg_roles r WHERE rolname = %s
"""


def grant(role: str, *, using: str = DEFAULT_DB_ALIAS, dry_run: bool = False) -> list[str]:
    """Give a role the application's rights, no more and no less; gives the statements, in their order.

    Call it as the owner of the tables; again does no harm. Raises RuleBroken where the engine has no roles, where the
    role is not there, or where it could help itself to more (a superuser, the owner or a member of it).
    """
    if not engine.has_roles(using=using):
        raise RuleBroken(_("SQLite has no roles: whoever reads the file may change it. Nothing was done."))
    _refuse_mighty(role, using)
    wanted = list(_statements(role, using))
    if not dry_run:
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            for statement in wanted:
                cursor.execute(statement)
    return wanted


def journals(*, using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The tables of this database that only grow, in order."""
    with connections[using].cursor() as cursor:
        cursor.execute(_GROWING)
        growing = {name for (name,) in cursor.fetchall()}
    return sorted(growing | {model._meta.db_table for model in JOURNALS})


def _refuse_mighty(role: str, using: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(_ROLE, [role])
        found = cursor.fetchone()
    if found is None:
        raise RuleBroken(_("There is no role “%(role)s”. Make it first: deploy/postgresql/roles.sql.") % {"role": role})
    asks_itself, is_mighty = found
    if asks_itself and not is_mighty:
        raise RuleBroken(
            _("“%(role)s” cannot give rights to itself: run it as the owner, deploy/manage.sh --owner grant_rights.")
            % {"role": role}
        )
    if is_mighty:
        raise RuleBroken(
            _("“%(role)s” is the owner or may help itself to more. The application needs a role of its own.")
            % {"role": role}
        )


def _statements(role: str, using: str) -> Iterator[str]:
    quote: Any = connections[using].ops.quote_name
    name, database = quote(role), quote(connections[using].settings_dict["NAME"])
    yield f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC"
    yield f"GRANT CONNECT ON DATABASE {database} TO {name}"
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield f"REVOKE CREATE ON SCHEMA public FROM {name}"
    yield f"GRANT USAGE ON SCHEMA public TO {name}"
    yield f"REVOKE TRUNCATE, REFERENCES, TRIGGER ON ALL TABLES IN SCHEMA public FROM {name}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}"
    for table in journals(using=using):
        yield f"REVOKE UPDATE, DELETE ON {quote(table)} FROM {name}"
    for table in OF_THE_OWNER:
        yield f"REVOKE INSERT, UPDATE, DELETE ON {quote(table)} FROM {name}"
    yield f"REVOKE UPDATE ON ALL SEQUENCES IN SCHEMA public FROM {name}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}"
    for what, kind in (("SELECT, INSERT, UPDATE, DELETE", "TABLES"), ("USAGE, SELECT", "SEQUENCES")):
        yield f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {what} ON {kind} TO {name}"
