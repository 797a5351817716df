"""What several tests of backups stand on."""

import sqlite3

import pytest

from crm_site.upkeep.backup import manifest


@pytest.fixture
def house(tmp_path, settings):
    """A small database file and two uploaded files, as an installation would have them."""
    path, files = tmp_path / "house.sqlite3", tmp_path / "files"
    session = next(iter(manifest.left_out()))
    with sqlite3.connect(path) as line:
        line.execute("CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT)")
        line.execute("INSERT INTO django_migrations (app, name) VALUES ('jobs', '0001_initial')")
        line.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, word TEXT)")
        line.executemany("INSERT INTO things (word) VALUES (?)", [(f"词{n}",) for n in range(500)])
        line.execute(f'CREATE TABLE "{session}" (session_key TEXT)')
        line.execute(f'INSERT INTO "{session}" VALUES (?)', ["whoever-holds-this-is-signed-in"])
        line.execute("CREATE TABLE files_storedfile (id INTEGER PRIMARY KEY, path TEXT, removed_at TEXT)")
        line.executemany("INSERT INTO files_storedfile (path) VALUES (?)", [("2026/a.xlsx",), ("b.jpg",)])
    (files / "2026").mkdir(parents=True)
    (files / "2026" / "a.xlsx").write_bytes(b"PK one")
    (files / "b.jpg").write_bytes(bytes(range(256)) * 5000)
    settings.MEDIA_ROOT = files
    return tmp_path
