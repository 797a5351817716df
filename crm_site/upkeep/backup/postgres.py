"""PostgreSQL in a backup: pg_dump and pg_restore do the work, beside one snapshot in which every table is hashed."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import psycopg2
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, make_dsn

from crm_site.upkeep.backup.engines import LIVING_FILES, Facts

#: so that two servers write the same row the same way, and a long read is not cut off
LINE_OPTIONS = (
    "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c timezone=UTC -c datestyle=ISO "
    "-c intervalstyle=postgres -c extra_float_digits=1 -c bytea_output=hex -c work_mem=64MB -c jit=off"
)
#: what is hashed at once
BLOCK = 1 << 20
#: half the size at a fifth of the time that the thorough levels take
COMPRESSION = "--compress=1"

_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
_KEY = """
SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
WHERE i.indisprimary AND i.indrelid = %s::regclass ORDER BY array_position(i.indkey::int[], a.attnum::int)
"""
_FUNCTIONS = "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'"
#: whose backend it is: of another role's no more than the user is shown to who is no superuser; autovacuum has none
_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL
"""


class Postgres:
    """One database on a server."""

    name = "postgresql"
    member = "database.pgdump"

    def __init__(self, entry: dict[str, Any]) -> None:
        self.entry = entry

    def dump(self, target: Path, *, without: set[str]) -> tuple[dict[str, Facts], list[tuple[str, str]]]:
        """One snapshot for both: pg_dump writes it, and meanwhile its tables are hashed here."""
        command = ["--format=custom", COMPRESSION, "--no-owner", "--no-privileges", f"--file={target}"]
        command += [f"--exclude-table-data=public.{table}" for table in sorted(without)]
        with self._line() as line:
            line.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
            with line.cursor() as cursor:
                cursor.execute("SELECT pg_export_snapshot()")
                snapshot = cursor.fetchone()[0]
                with self._running("pg_dump", [*command, f"--snapshot={snapshot}", f"--dbname={self._dsn()}"]):
                    found = _hashed(cursor, without), _migrations(cursor)
        return found

    def living_files(self) -> set[str]:
        """The names of the uploaded files that rows speak of now."""
        with self._line() as line, line.cursor() as cursor:
            cursor.execute(LIVING_FILES)
            return {path for (path,) in cursor.fetchall()}

    def load(self, source: Path, *, replace: bool) -> None:
        """In one transaction: triggers and keys come after the rows, as pg_restore orders them.

        Before anything is dropped, pg_restore must be there and able to read what a pg_dump, maybe a newer one, wrote.
        """
        with self._running("pg_restore", ["--list", str(source)]):
            pass
        if replace:
            self._clear()
        command = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
        with self._running("pg_restore", [*command, f"--dbname={self._dsn()}", str(source)]):
            pass
        with self._line() as line:
            line.autocommit = True
            line.cursor().execute("ANALYZE")

    def facts(self, *, without: set[str]) -> dict[str, Facts]:
        """All tables as they are now, in one snapshot."""
        with self._line() as line:
            line.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
            with line.cursor() as cursor:
                return _hashed(cursor, without)

    def is_empty(self) -> bool:
        """Whether the schema has no table."""
        with self._line() as line, line.cursor() as cursor:
            cursor.execute(_TABLES)
            return cursor.fetchone() is None

    def in_use(self) -> int:
        """Other connections to this database."""
        with self._line() as line, line.cursor() as cursor:
            cursor.execute(_OTHERS)
            return cursor.fetchone()[0]

    def _clear(self) -> None:
        """Drop tables, then the functions of their triggers; refused where the role is not their owner."""
        try:
            with self._line() as line, line, line.cursor() as cursor:
                cursor.execute(_TABLES)
                for (table,) in cursor.fetchall():
                    cursor.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(sql.Identifier(table)))
                cursor.execute(_FUNCTIONS)
                for (function,) in cursor.fetchall():
                    cursor.execute(f"DROP FUNCTION IF EXISTS {function} CASCADE")
        except psycopg2.errors.InsufficientPrivilege as refused:
            raise CommandError(
                _("Only the owner of the tables may replace them: deploy/manage.sh --owner restore …")
            ) from refused

    @contextmanager
    def _line(self) -> Iterator[Any]:
        try:
            line = psycopg2.connect(self._dsn(), password=self.entry.get("PASSWORD") or None, options=LINE_OPTIONS)
        except psycopg2.OperationalError as problem:
            reason = str(problem).strip()
            raise CommandError(_("The database cannot be reached: %(reason)s") % {"reason": reason}) from problem
        with closing(line):
            yield line

    def _dsn(self) -> str:
        """How to reach it, without the password: other accounts of a machine may read a command line."""
        named = {"dbname": "NAME", "user": "USER", "host": "HOST", "port": "PORT"}
        values = {word: self.entry.get(key) for word, key in named.items() if self.entry.get(key)}
        more = {word: value for word, value in self.entry.get("OPTIONS", {}).items() if word.startswith("ssl")}
        return make_dsn(**values, **more)

    @contextmanager
    def _running(self, name: str, arguments: list[str]) -> Iterator[None]:
        """A program of PostgreSQL at work beside the block; raises CommandError with its own words if it fails."""
        environment = {key: value for key, value in os.environ.items() if key != "PGOPTIONS"}
        environment["PGPASSWORD"] = self.entry.get("PASSWORD", "")
        with TemporaryFile() as said:
            process = subprocess.Popen([program(name), *arguments], env=environment, stdout=said, stderr=said)
            try:
                yield
                process.wait()
            finally:
                process.kill()
                process.wait()
            said.seek(0)
            if process.returncode:
                reason = said.read().decode(errors="replace").strip()[-2000:]
                raise CommandError(_("%(program)s failed: %(reason)s") % {"program": name, "reason": reason})


def program(name: str) -> str:
    """The path of a client program of PostgreSQL: in PG_BIN, else on PATH; raises CommandError with a way out."""
    folder = os.environ.get("PG_BIN", "")
    found = shutil.which(name, path=folder or None)
    if found is None:
        where = _("in PG_BIN (%(folder)s)") % {"folder": folder} if folder else _("on PATH")
        raise CommandError(
            _(
                "%(program)s was not found %(where)s. Install PostgreSQL's client programs of the server's version or "
                "newer (Debian: apt install postgresql-client), or set PG_BIN to their folder."
            )
            % {"program": name, "where": where}
        )
    return found


class _Digest(io.RawIOBase):
    """Hashes what COPY writes; behind a buffer, so that no line of Python runs for a single row."""

    def __init__(self) -> None:
        self.hash = hashlib.sha256()

    def writable(self) -> bool:
        """A buffer asks."""
        return True

    def write(self, block: Any) -> int:
        """The next rows."""
        self.hash.update(block)
        return len(block)


def _hashed(cursor: Any, without: set[str]) -> dict[str, Facts]:
    cursor.execute(_TABLES)
    tables = [name for (name,) in cursor.fetchall() if name not in without]
    return {table: _facts(cursor, table) for table in tables}


def _facts(cursor: Any, table: str) -> Facts:
    """Rows stream through; nothing is kept but the hash."""
    name = sql.Identifier(table)
    cursor.execute(_KEY, [f'public."{table}"'])
    key = sql.SQL(", ").join(sql.Identifier(column) for (column,) in cursor.fetchall()) or sql.SQL("1")
    digest = _Digest()
    buffer = io.BufferedWriter(digest, BLOCK)
    rows = sql.SQL("COPY (SELECT * FROM {} ORDER BY {}) TO STDOUT").format(name, key)
    cursor.copy_expert(rows.as_string(cursor), buffer)
    buffer.flush()
    return Facts(cursor.rowcount, digest.hash.hexdigest())


def _migrations(cursor: Any) -> list[tuple[str, str]]:
    cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
    return cursor.fetchall()
