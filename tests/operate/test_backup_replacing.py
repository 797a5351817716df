"""What a backup is to replace stays whole until the backup is known to be readable here."""

import gzip
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from django.core.management import CommandError

from crm_site.upkeep.backup import postgres, restoring, sqlite
from tests import environment, prepared, servers

pytestmark = [pytest.mark.races, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def taken(monkeypatch) -> Iterator[str]:
    """The address of a database that holds a table."""
    if not environment.on_servers():
        pytest.skip("needs PostgreSQL")
    monkeypatch.setenv("PG_BIN", str(Path(servers.postgres_program("pg_restore")).parent))
    name = f"taken_{uuid.uuid4().hex[:12]}"
    prepared.on_server(f"CREATE DATABASE {name}")
    address = environment.database_url(name)
    with closing(psycopg2.connect(address)) as line, line, line.cursor() as cursor:
        cursor.execute("CREATE TABLE things (word text)")
    yield address
    prepared.on_server(f"DROP DATABASE {name} WITH (FORCE)")


def test_tables_stay_when_the_dump_is_of_a_newer_program(taken, tmp_path):
    (tmp_path / "newer.pgdump").write_bytes(b"PGDMP\x63\x00\x00" + bytes(100))
    engine = postgres.Postgres(restoring.Place(taken, tmp_path).entry)
    with pytest.raises(CommandError, match="unsupported version"):
        engine.load(tmp_path / "newer.pgdump", replace=True)
    assert not engine.is_empty()


def test_tables_stay_when_the_program_is_missing(taken, tmp_path, monkeypatch):
    monkeypatch.setenv("PG_BIN", "/nowhere")
    engine = postgres.Postgres(restoring.Place(taken, tmp_path).entry)
    with pytest.raises(CommandError, match="pg_restore was not found"):
        engine.load(tmp_path / "any.pgdump", replace=True)
    assert not engine.is_empty()


def made(path: Path, table: str) -> Path:
    with closing(sqlite3.connect(path)) as line:
        line.execute(f"CREATE TABLE {table} (word TEXT)")
    return path


def tables(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as line:
        return [name for (name,) in line.execute("SELECT name FROM sqlite_master")]


def test_a_file_stays_when_the_dump_cannot_be_unpacked(tmp_path):
    old, dump = made(tmp_path / "old.sqlite3", "things"), tmp_path / "dump.gz"
    dump.write_bytes(gzip.compress(b"x" * 100_000)[:-20])
    with pytest.raises((EOFError, CommandError)):
        sqlite.Sqlite({"NAME": str(old)}).load(dump, replace=True)
    assert tables(old) == ["things"]


def test_a_journal_of_a_file_that_is_gone_is_not_applied_to_the_one_that_comes(tmp_path):
    old, dump = tmp_path / "old.sqlite3", tmp_path / "dump.gz"
    with closing(sqlite3.connect(old, isolation_level=None)) as line:
        line.execute("PRAGMA journal_mode = WAL")
        line.execute("CREATE TABLE things (word TEXT)")
        shutil.copy(f"{old}-wal", tmp_path / "kept")
    old.unlink()
    shutil.move(tmp_path / "kept", f"{old}-wal")
    dump.write_bytes(gzip.compress(made(tmp_path / "new.sqlite3", "others").read_bytes()))
    sqlite.Sqlite({"NAME": str(old)}).load(dump, replace=False)
    assert tables(old) == ["others"]
