"""Puts the test database back, after a test that commits for real, to how every test finds it: the reference rows.

Django's own way is to empty every table and let every test fill in what it needs: two to three seconds for each test.
"""

from __future__ import annotations

import contextlib
import io
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.test import TransactionTestCase

from tests import environment
from tests.porter import Porter

#: how long somebody whom a test has left behind may still hold a row
PATIENCE = "20s"
ALL_TABLES = "SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'"
#: what is empty needs no touch; keys and triggers (journals refuse a DELETE) rest while `replica` is set
EMPTY = """DO $$ DECLARE one text; found boolean; BEGIN
    FOR one IN SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || one || ')' INTO found;
        IF found THEN EXECUTE 'DELETE FROM ' || one; END IF;
    END LOOP;
END $$"""
#: counters go on, so that no number is given twice in a run; after a test that has set them back they are put on again
COUNTERS = "SELECT coalesce(json_object_agg(sequencename, last_value), '{}')::text FROM pg_sequences"
COUNT_ON = """SELECT setval(format('%%I', sequencename)::regclass, kept.value::bigint)
    FROM pg_sequences JOIN json_each_text(%s) kept ON kept.key = sequencename
    WHERE coalesce(last_value, 0) < kept.value::bigint"""


class Kept:
    """The rows that stand in the test database before the first test, and the way back to them."""

    def __init__(self) -> None:
        """Nothing is kept yet."""
        self.tables: dict[str, bytes] = {}
        self.counters = "{}"
        self.file: Path | None = None
        self.porter = Porter()

    def keep(self) -> None:
        """Remember what stands in the test database now, and let every test that commits go back to it."""
        if environment.on_servers():
            self._keep_tables()
        else:
            self.file = Path(settings.VAR_DIR, "kept.sqlite3")
            _copy(Path(settings.DATABASES["default"]["NAME"]), self.file)
        self.porter.stand()
        TransactionTestCase._fixture_teardown = lambda _case: self.put_back()

    def put_back(self) -> None:
        """Bring back what was kept; whatever else was written is gone."""
        ContentType.objects.clear_cache()  # a test that flushed has made them anew
        with self.porter.shut():
            self._put_tables_back() if self.file is None else self._put_file_back(self.file)

    def _put_file_back(self, file: Path) -> None:
        connections.close_all()
        _copy(file, Path(settings.DATABASES["default"]["NAME"]))

    def _put_tables_back(self) -> None:
        with _cursor() as cursor:
            cursor.execute(f"SET session_replication_role = replica; SET lock_timeout = '{PATIENCE}'")
            cursor.execute(EMPTY)
            for table, rows in self.tables.items():
                cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT binary)", io.BytesIO(rows))
            cursor.execute(COUNT_ON, [self.counters])

    def _keep_tables(self) -> None:
        with _cursor() as cursor:
            cursor.execute(COUNTERS)
            (self.counters,) = cursor.fetchone()
            cursor.execute(ALL_TABLES)
            for (table,) in cursor.fetchall():
                cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")
                if cursor.fetchone()[0]:
                    rows = io.BytesIO()
                    cursor.copy_expert(f"COPY {table} TO STDOUT (FORMAT binary)", rows)
                    self.tables[table] = rows.getvalue()


@contextlib.contextmanager
def _cursor() -> Iterator[Any]:
    """One transaction on a connection of its own, which leaves no setting behind on the tests' connection."""
    import psycopg2

    line = psycopg2.connect(environment.database_url(settings.DATABASES["default"]["NAME"]))
    with contextlib.closing(line), line, line.cursor() as cursor:
        yield cursor


def _copy(source: Path, target: Path) -> None:
    """Copy an SQLite database as its engine does: with its locks, whoever else has it open."""
    with contextlib.closing(sqlite3.connect(source)) as read, contextlib.closing(sqlite3.connect(target)) as write:
        read.backup(write)
