"""Databases that are migrated and otherwise empty, kept as files: only the first run after a new migration migrates."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import django

from tests import environment, servers

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "prepared"
SQLITE_NAME = "huifang.sqlite3"


@functools.cache
def template() -> str:
    """The database on this run's PostgreSQL from which others are cloned; made by the first who asks."""
    if os.environ.get("TEST_TEMPLATE"):  # an xdist worker: its parent has made it
        return os.environ["TEST_TEMPLATE"]
    on_server(f"CREATE DATABASE {environment.TEMPLATE}")
    address = environment.database_url(environment.TEMPLATE)
    kept = FOLDER / f"{made_by()}.sql"
    if kept.exists():
        run_sql(address, kept.read_bytes())
    else:
        with ThreadPoolExecutor() as beside:  # half a minute of one processor each, and both are wanted
            on_sqlite = beside.submit(file)
            _migrate({"DATABASE_URL": address})
            keep(dump(address), kept)
        on_sqlite.result()
    return environment.TEMPLATE


@functools.cache
def file() -> Path:
    """An SQLite file with the tables, to be copied."""
    kept = FOLDER / f"{made_by()}.sqlite3"
    if not kept.exists():
        folder = tempfile.mkdtemp(prefix="prepared-", dir=os.environ["HUIFANG_VAR"])
        _migrate({"DATABASE_URL": "", "REDIS_URL": "", "HUIFANG_VAR": folder})
        keep(Path(folder, SQLITE_NAME).read_bytes(), kept)
        shutil.rmtree(folder)
    return kept


@functools.cache
def made_by() -> str:
    """A hash of everything that decides what migrating makes: the migrations, what they import, Django and the apps."""
    # read as text: settings that are loaded here would keep a measurement's database from being named later
    apps = (ROOT / "crm_site/settings.py").read_text().partition("INSTALLED_APPS = [")[2].partition("]")[0]
    digest = hashlib.sha256(f"{django.VERSION}{sys.version_info}{apps}".encode())
    imported = [ROOT / "crm_site/core/sql.py", ROOT / "crm_site/core/triggers.py"]
    for path in sorted([*ROOT.glob("**/migrations/*.py"), *ROOT.glob("**/apps.py"), *imported]):
        if ".venv" not in path.parts:
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:20]


def dump(address: str) -> bytes:
    """A whole database as SQL."""
    command = [servers.postgres_program("pg_dump"), "--no-owner", address]
    return subprocess.run(command, check=True, capture_output=True).stdout


def carry_over(database: str, address: str) -> None:
    """Copy a database of the shared test server to that of another server."""
    run_sql(address, dump(environment.database_url(database)))


def manage(env: dict[str, str], *arguments: str) -> str:
    """Run a management command and give its output; a failure raises with it."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"
    return done.stdout


def on_server(statement: str) -> None:
    """Run a statement that belongs to no transaction, on the server's maintenance database."""
    import psycopg2

    line = psycopg2.connect(environment.database_url("postgres"))
    try:
        line.autocommit = True
        line.cursor().execute(statement)
    finally:
        line.close()


def _migrate(changes: dict[str, str]) -> None:
    manage(os.environ | changes, "migrate", "--verbosity", "0")


def run_sql(address: str, text: bytes) -> None:
    """Run a file of SQL, as `dump` gives it, in a database; the first error ends it."""
    restore = [servers.postgres_program("psql"), "--quiet", "--set", "ON_ERROR_STOP=1", address]
    subprocess.run(restore, check=True, input=text, stdout=subprocess.DEVNULL)


def keep(content: bytes, place: Path) -> None:
    """Put a file in its place whole, and remove those of other migrations."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob(f"*{place.suffix}"):
        if old != place:  # made by an xdist worker beside this one, and perhaps being copied
            old.unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile(dir=FOLDER, delete=False) as draft:
        draft.write(content)
    os.replace(draft.name, place)
