"""A restore for practice: into a database and a folder that live only as long as it takes."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from psycopg2 import sql

from crm_site.core.environ import database_from_url
from crm_site.upkeep.backup import leftovers
from crm_site.upkeep.backup.restoring import Place, Report, Say, restore


def drill(source: Path, *, url: str, pipe: str, say: Say, today: date) -> Report:
    """Restore a backup beside the living installation, compare, and remove it all; gives the report.

    `url`: whose server and engine are used; on PostgreSQL its role must be allowed to create databases.
    """
    leftovers.remove(Path(tempfile.gettempdir()), leftovers.DRILLING)
    with tempfile.TemporaryDirectory(prefix=leftovers.DRILLING) as work, _database(url, Path(work), today) as address:
        return restore(source, Place(address, Path(work, "files")), pipe=pipe, replace=False, say=say)


@contextmanager
def _database(url: str, work: Path, today: date) -> Iterator[str]:
    """The address of an empty database, which is dropped afterwards."""
    entry = database_from_url(url, settings.VAR_DIR, kind="command")
    if entry["ENGINE"].endswith("sqlite3"):
        yield f"sqlite:///{work / 'drill.sqlite3'}"
        return
    name = f"{leftovers.DATABASE}{today:%Y%m%d}_{uuid.uuid4().hex[:12]}"
    with _server(url) as cursor:
        cursor.execute(leftovers.DATABASES)
        for old in leftovers.old_databases(cursor.fetchone()[0] or "", today):
            with suppress(psycopg2.Error):  # another role's, or somebody is connected
                cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
    try:
        with _server(url) as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        with _server(url) as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _server(url: str) -> Iterator[Any]:
    """Takes statements that belong to no transaction."""
    entry = database_from_url(url, settings.VAR_DIR, kind="command")
    reached = {"dbname": entry["NAME"], "user": entry["USER"], "host": entry["HOST"], "port": entry["PORT"]}
    more = {word: value for word, value in entry["OPTIONS"].items() if word.startswith("ssl")}
    try:
        line = psycopg2.connect(**{k: v for k, v in reached.items() if v}, password=entry["PASSWORD"] or None, **more)
        with closing(line):
            line.autocommit = True
            yield line.cursor()
    except psycopg2.errors.InsufficientPrivilege as refused:
        raise CommandError(
            _(
                "The drill needs a database of its own, and the role “%(role)s” may not create one. "
                "Practise with the one that may: deploy/manage.sh --owner restore … --drill "
                "(deploy/postgresql/roles.sql lets the owner; where there is no deploy/manage.sh, OWNER_DATABASE_URL "
                "names it)."
            )
            % {"role": entry["USER"]}
        ) from refused
    except psycopg2.OperationalError as problem:
        reason = str(problem).strip()
        raise CommandError(_("The database server cannot be reached: %(reason)s") % {"reason": reason}) from problem
