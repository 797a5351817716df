"""What a backup says of itself: which product made it when, of which engine, with which migrations, tables and rows."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tomllib
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from crm_site.upkeep.backup.engines import Engine, Facts

FORMAT = 1
Migrations = list[tuple[str, str]]


def left_out() -> set[str]:
    """The tables whose rows no backup holds: who is signed in is over by then, and nobody else's business."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    return {store.get_model_class()._meta.db_table}


def describe(
    engine: Engine, tables: dict[str, Facts], migrations: Migrations, part: Path, *, made_at: datetime
) -> dict[str, Any]:
    """The manifest of a backup whose database lies in `part`."""
    with part.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {
        "product": "huifang",
        "format": FORMAT,
        **product(),
        "made_at": made_at.isoformat(),
        "engine": engine.name,
        "database": {"member": engine.member, "bytes": part.stat().st_size, "sha256": digest},
        "migrations": [list(one) for one in migrations],
        "tables": {name: facts._asdict() for name, facts in tables.items()},
        "left_out": sorted(left_out()),
    }


def product() -> dict[str, str]:
    """Version and commit of the program that runs; '' where it is no checkout."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    return {"version": project["version"], "commit": _commit()}


def _commit() -> str:
    git = shutil.which("git")
    if git is None or not (settings.BASE_DIR / ".git").exists():
        return ""
    # the checkout is root's and the backup is not: git wants to be told that this one may be asked
    command = [git, "-c", f"safe.directory={settings.BASE_DIR}", "-C", str(settings.BASE_DIR), "rev-parse", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def refuse_unfit(manifest: dict[str, Any], engine: Engine) -> None:
    """Raise CommandError for a backup of another engine, of a newer product, or of a format not known here."""
    if manifest.get("product") != "huifang":
        raise CommandError(_("This is no backup of Huifang."))
    if manifest["format"] > FORMAT or _unknown(manifest):
        raise CommandError(_newer(manifest))
    if manifest["engine"] != engine.name:
        raise CommandError(
            _(
                "The backup is of %(theirs)s, and DATABASE_URL names %(ours)s. "
                "A backup goes back into the engine it came from."
            )
            % {"theirs": manifest["engine"], "ours": engine.name}
        )


def _newer(manifest: dict[str, Any]) -> str:
    """What is said of a backup that is ahead of this version, with a migration that it knows and we do not."""
    knows = ""
    if manifest["format"] <= FORMAT:
        knows = _(" (it knows %(migration)s)") % {"migration": ".".join(_unknown(manifest)[0])}
    refusal = _(
        "The backup was made by a newer version%(knows)s: %(version)s %(commit)s. "
        "Install that version or a later one first."
    )
    return refusal % {"knows": knows, "version": manifest["version"], "commit": manifest["commit"][:10]}


def lacking(manifest: dict[str, Any]) -> list[str]:
    """The migrations that this version has and the backup has not: it is older."""
    there = {tuple(one) for one in manifest["migrations"]}
    return sorted(f"{app}.{name}" for app, name in _known().difference(there))


def _unknown(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    labels = {app for app, _name in _known()}
    there = {(app, name) for app, name in manifest["migrations"] if app in labels}
    return sorted(there - _known() - _replaced())


def _known() -> set[tuple[str, str]]:
    return set(_loader().disk_migrations)


def _replaced() -> set[tuple[str, str]]:
    return {pair for migration in _loader().disk_migrations.values() for pair in migration.replaces}


def _loader() -> MigrationLoader:
    loader = MigrationLoader(connection, load=False)
    loader.load_disk()
    return loader
