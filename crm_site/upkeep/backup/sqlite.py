"""SQLite in a backup: its online backup copies one moment while others write; the copy is hashed and packed."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from crm_site.upkeep.backup import leftovers
from crm_site.upkeep.backup.engines import LIVING_FILES, Facts

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
#: the files that SQLite keeps beside its own
BESIDE = ("-wal", "-shm", "-journal")


class Sqlite:
    """One database file."""

    name = "sqlite"
    member = "database.sqlite3.gz"

    def __init__(self, entry: dict[str, Any]) -> None:
        self.path = Path(entry["NAME"])

    def dump(self, target: Path, *, without: set[str]) -> tuple[dict[str, Facts], list[tuple[str, str]]]:
        """Copied in one step, which in WAL mode holds nobody up; then without what is left out, and packed."""
        copied = target.with_suffix(".copy")
        try:
            with _opened(self.path) as source, _opened(copied) as copy:
                source.backup(copy)
                found = _strip(copy, without)
            with copied.open("rb") as plain, gzip.open(target, "wb", compresslevel=1) as packed:
                shutil.copyfileobj(plain, packed, 1 << 20)
        finally:
            for place in (copied, *_beside(copied)):
                place.unlink(missing_ok=True)
        return found

    def living_files(self) -> set[str]:
        """The names of the uploaded files that rows speak of now."""
        with _opened(self.path) as line:
            return {path for (path,) in line.execute(LIVING_FILES)}

    def load(self, source: Path, *, replace: bool) -> None:
        """Unpack beside its place, and put it there whole; what SQLite kept beside an older file is not its own."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(prefix=leftovers.RESTORING, dir=self.path.parent) as work:
            draft = Path(work, self.path.name)
            draft.touch(mode=0o600)
            with gzip.open(source, "rb") as packed, draft.open("wb") as plain:
                shutil.copyfileobj(packed, plain, 1 << 20)
            with _opened(draft) as line:
                line.execute("PRAGMA journal_mode = WAL")  # fails for what is no database
            for place in _beside(self.path):
                place.unlink(missing_ok=True)
            draft.replace(self.path)

    def facts(self, *, without: set[str]) -> dict[str, Facts]:
        """All tables as they are now."""
        with _opened(self.path) as line:
            line.execute("BEGIN")
            return _hashed(line, without)

    def is_empty(self) -> bool:
        """Whether there is no file, or no table in it."""
        if not self.path.exists():
            return True
        with _opened(self.path) as line:
            return line.execute(_TABLES).fetchone() is None

    def in_use(self) -> int:
        """1 while somebody has the file open, else 0: only then may its journal be taken away, which is put back."""
        if not self.path.exists():
            return 0
        with closing(sqlite3.connect(self.path, timeout=1, isolation_level=None)) as line:
            try:
                line.execute("PRAGMA journal_mode=DELETE")
            except sqlite3.OperationalError:
                return 1
            line.execute("PRAGMA journal_mode=WAL")
        return 0


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        line = sqlite3.connect(path, timeout=20, isolation_level=None)
    except sqlite3.OperationalError as problem:
        raise CommandError(_("%(path)s cannot be opened: %(reason)s") % {"path": path, "reason": problem}) from problem
    with closing(line):
        yield line


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + end) for end in BESIDE]


def _strip(copy: sqlite3.Connection, without: set[str]) -> tuple[dict[str, Facts], list[tuple[str, str]]]:
    """Empty what is left out, so that its bytes are gone too, and read the rest."""
    copy.execute("PRAGMA journal_mode = DELETE")
    copy.execute("PRAGMA secure_delete = ON")
    for table in sorted(without & {name for (name,) in copy.execute(_TABLES)}):
        copy.execute(f'DELETE FROM "{table}"')  # noqa: S608 - a name out of our own models
    migrations = copy.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
    return _hashed(copy, without), migrations


def _hashed(line: sqlite3.Connection, without: set[str]) -> dict[str, Facts]:
    tables = [name for (name,) in line.execute(_TABLES).fetchall() if name not in without]
    return {table: _facts(line, table) for table in tables}


def _facts(line: sqlite3.Connection, table: str) -> Facts:
    """Rows stream through; nothing is kept but the hash."""
    digest, rows = hashlib.sha256(), 0
    for row in line.execute(f'SELECT * FROM "{table}" ORDER BY rowid'):  # noqa: S608 - a name out of the file's schema
        digest.update(repr(row).encode())
        rows += 1
    return Facts(rows, digest.hexdigest())
