"""The demo world that tests read: made once for a state of the sources, kept as a file; each reader has a copy.

A copy is a database of its own, so that whatever a test writes into it is gone with it. Without servers the world is
made anew by every reader, in a transaction that is taken back.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import io
import os
import tarfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from crm_site.accounts.models import Store
from crm_site.core import clock, sql
from crm_site.demo.build import build
from tests import environment, prepared
from tests.factories import DAY

#: a Wednesday afternoon: calls have been made today, and some are still to come
NOW = clock.at(DAY, 15, 30)
#: a thirtieth of a dealership's customers; most of the time goes into what does not depend on their number
SCALE = 0.03
#: what decides how the world looks: every source and list of the product, and the words it is told in
SOURCES = ("crm_site", "customers", "satisfaction", "complaints", "revisits", "locale")
DUMP = "world.sql"


@contextmanager
def standing() -> Iterator[None]:
    """Within it the tests' connection leads to a copy of the world, and it is the world's moment."""
    with patch("django.utils.timezone.now", return_value=NOW):
        if not environment.on_servers():
            with transaction.atomic():
                build(now=NOW, scale=SCALE)
                connection.check_constraints()
                yield
                transaction.set_rollback(True)
            return
        original, copy = _original(), f"world_{uuid.uuid4().hex[:12]}"
        prepared.on_server(f"CREATE DATABASE {copy} TEMPLATE {original}")
        try:
            with connected_to(copy):
                yield
        finally:
            prepared.on_server(f"DROP DATABASE {copy} WITH (FORCE)")


@contextmanager
def connected_to(database: str) -> Iterator[None]:
    """Within it the tests' connection leads to another database of the same server."""
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own


def first_store() -> Store:
    """The larger store of the world."""
    return Store.objects.earliest("pk")


@functools.cache
def _original() -> str:
    """The database that is copied, with the world's files in this process's folder; one for all processes of a run."""
    name = f"original_{_made_by()}"
    kept = prepared.FOLDER / f"{_made_by()}.world"
    prepared.FOLDER.mkdir(parents=True, exist_ok=True)
    with open(prepared.FOLDER / "world.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed
        if not kept.exists():
            _make(kept)
        dump = _unpacked(kept)
        if not _is_there(name):
            _restore(name, dump)
    return name


def _make(kept: Path) -> None:
    """Build the world in a database of its own and keep it, with the files that came in with it."""
    draft, before = f"draft_{uuid.uuid4().hex[:12]}", _files()
    prepared.on_server(f"CREATE DATABASE {draft} TEMPLATE {prepared.template()}")
    with connected_to(draft):
        call_command("install_defaults", verbosity=0)
        build(now=NOW, scale=SCALE)
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        said = prepared.dump(environment.database_url(draft))
        head = tarfile.TarInfo(DUMP)
        head.size = len(said)
        archive.addfile(head, io.BytesIO(said))
        for path in sorted(_files() - before):
            archive.add(path, arcname=path.relative_to(settings.MEDIA_ROOT))
    prepared.on_server(f"DROP DATABASE {draft} WITH (FORCE)")
    prepared.keep(content.getvalue(), kept)


def _unpacked(kept: Path) -> bytes:
    """The world as SQL; its files are put where this process keeps files."""
    with tarfile.open(kept) as archive:
        said = archive.extractfile(DUMP)
        assert said is not None
        for member in archive:  # by hand: extractall wants to be told a filter, and Debian's Python 3.11 knows none
            content = archive.extractfile(member)
            if content is not None and member.name != DUMP:
                target = settings.MEDIA_ROOT / member.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read())
        return said.read()


def _restore(name: str, dump: bytes) -> None:
    """The world in a database on this run's server, which is never connected to but to be copied."""
    draft = f"draft_{uuid.uuid4().hex[:12]}"
    prepared.on_server(f"CREATE DATABASE {draft}")
    prepared.run_sql(environment.database_url(draft), dump)
    with connected_to(draft):
        from tests.conftest import alive

        alive()
        sql.refresh_statistics()
    prepared.on_server(f"ALTER DATABASE {draft} RENAME TO {name}")


def _is_there(name: str) -> bool:
    import psycopg2

    line = psycopg2.connect(environment.database_url("postgres"))
    try:
        cursor = line.cursor()
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None
    finally:
        line.close()


def _files() -> set[Path]:
    """Every file that is kept for somebody."""
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


@functools.cache
def _made_by() -> str:
    """A hash of everything that decides what the world is."""
    digest = hashlib.sha256(f"{prepared.made_by()} {NOW} {SCALE}".encode())
    for path in sorted(path for folder in SOURCES for path in (prepared.ROOT / folder).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(os.fsencode(path.relative_to(prepared.ROOT)) + path.read_bytes())
    digest.update((prepared.ROOT / "requirements.txt").read_bytes())
    return digest.hexdigest()[:20]
