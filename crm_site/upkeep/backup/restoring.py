"""Brings an installation back from a backup, proves it by counts and hashes, and sets right what was going on then."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import load_backend
from django.utils.translation import gettext as _

from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.environ import database_from_url
from crm_site.jobs.models import Beat, Job, State
from crm_site.upkeep.backup import archive, engines, leftovers, making, manifest

Say = Callable[[str], object]
#: the alias under which Django sees the database that was restored
RESTORED = "restored"
#: how many names of missing files a report gives
NAMED = 20


class Difference(NamedTuple):
    """A table that is not as the backup says: what stood in it then, and what stands in it now."""

    table: str
    was: engines.Facts | None
    found: engines.Facts | None

    @property
    def words(self) -> str:
        """One line for whoever restores."""
        values = {"table": self.table, "was": _facts(self.was), "found": _facts(self.found)}
        return _("%(table)s: %(was)s became %(found)s") % values


def _facts(facts: engines.Facts | None) -> str:
    if facts is None:
        return _("no table")
    return _("%(rows)s rows (SHA-256 %(hash)s…)") % {"rows": facts.rows, "hash": facts.sha256[:12]}


@dataclass
class Report:
    """What came back."""

    made_at: str = ""
    version: str = ""
    tables: int = 0
    rows: int = 0
    files: int = 0
    seconds: float = 0.0
    differences: list[Difference] = field(default_factory=list)
    #: names of files that rows speak of and the backup lacks without an explanation, at most twenty, and how many
    missing: list[str] = field(default_factory=list)
    missing_count: int = 0
    migrated: int = 0
    jobs: int = 0

    @property
    def is_equal(self) -> bool:
        """Whether every table came back with the same rows."""
        return not self.differences

    @property
    def is_whole(self) -> bool:
        """Whether, besides, every file came back that a row speaks of."""
        return self.is_equal and not self.missing_count

    def as_detail(self) -> dict[str, Any]:
        """As plain values, without the names of files."""
        tables = [difference.table for difference in self.differences]
        return asdict(self) | {"differences": tables, "missing": [], "ok": self.is_whole}


@dataclass(frozen=True)
class Place:
    """Where to: a database by its address ('' = SQLite in the state folder), and a folder for the files."""

    url: str
    files: Path

    @property
    def entry(self) -> dict[str, Any]:
        """As an entry of Django's settings."""
        return database_from_url(self.url, settings.VAR_DIR, kind="command")


def restore(source: Path, place: Place, *, pipe: str, replace: bool, say: Say) -> Report:
    """Unpack, look over, restore, compare, migrate, set right; raises CommandError with what to do.

    Before the database is touched the whole archive has been read and its hashes compared. A database that holds
    tables, and a folder that holds files, are refused unless `replace`.
    """
    started, engine, report = time.monotonic(), engines.of(place.entry), Report()
    _refuse_taken(engine, place, replace)
    place.files.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    leftovers.remove(place.files.parent, leftovers.RESTORING)
    with tempfile.TemporaryDirectory(prefix=leftovers.RESTORING, dir=place.files.parent) as work:
        described = _unpack(source, Path(work), engine, pipe)
        report.made_at, report.version = described["made_at"], described["version"]
        about = {"engine": engine.name, "moment": report.made_at}
        say(_("The archive is whole. Restoring %(engine)s of %(moment)s …") % about)
        _refuse_in_use(engine)  # reading the archive took its time
        engine.load(Path(work, described["database"]["member"]), replace=replace)
        _compare(engine, described, report)
        say(_verdict(report))
        report.files = _move_files(Path(work, archive.FILES), place.files, replace)
        gone = _gone(Path(work, archive.GONE))
    report.migrated = _migrate(described, place, say)
    _look_for_files(engine, place, gone, report)
    _set_right(place, report)
    report.seconds = time.monotonic() - started
    return report


def _verdict(report: Report) -> str:
    equal, other = _("%(tables)s tables, %(rows)s rows: equal."), _("%(tables)s tables, %(rows)s rows: NOT EQUAL.")
    return (equal if report.is_equal else other) % {"tables": report.tables, "rows": report.rows}


def _refuse_in_use(engine: engines.Engine) -> None:
    if others := engine.in_use():
        refusal = _("%(count)s others are connected to that database. Stop web, worker and scheduler first.")
        raise CommandError(refusal % {"count": others})


def _refuse_taken(engine: engines.Engine, place: Place, replace: bool) -> None:
    _refuse_in_use(engine)
    if replace:
        return
    if not engine.is_empty():
        raise CommandError(_("That database holds tables already. Name an empty one, or say --replace to lose them."))
    if next(archive.names_below(place.files), None) is not None:
        refusal = _("%(folder)s holds files already. Empty it, or say --replace to lose them.")
        raise CommandError(refusal % {"folder": place.files})


def _unpack(source: Path, work: Path, engine: engines.Engine, pipe: str) -> dict[str, Any]:
    """Take the archive apart; gives its manifest once all of it is known to be sound."""
    seen: list[dict[str, Any]] = []

    def accept(described: dict[str, Any]) -> None:
        manifest.refuse_unfit(described, engine)
        seen.append(described)

    with source.open("rb") as file:
        if pipe:
            with making.through(pipe, stdin=file, stdout=subprocess.PIPE) as process:
                found = archive.unpack(process.stdout, work, accept)  # type: ignore[arg-type]
        else:
            found = archive.unpack(file, work, accept)
    if not seen:
        raise CommandError(_("The backup is empty."))
    database = seen[0]["database"]
    if found.get(database["member"]) != database["sha256"]:
        raise CommandError(_("The database in the backup is not what it was: the file is damaged. Take another one."))
    return seen[0]


def _compare(engine: engines.Engine, described: dict[str, Any], report: Report) -> None:
    """Every table, its rows and their hash, before anything else touches them."""
    there = engine.facts(without=set(described["left_out"]))
    wanted = {table: engines.Facts(**facts) for table, facts in described["tables"].items()}
    for table in sorted(wanted.keys() | there.keys()):
        if there.get(table) != wanted.get(table):
            report.differences.append(Difference(table, wanted.get(table), there.get(table)))
    report.tables, report.rows = len(there), sum(facts.rows for facts in there.values())


def _move_files(unpacked: Path, files: Path, replace: bool) -> int:
    """Put the files in their place whole; they lie on the same disk already."""
    unpacked.mkdir(exist_ok=True, mode=0o700)
    if files.exists() and (replace or next(archive.names_below(files), None) is None):
        shutil.rmtree(files)
    unpacked.replace(files)
    return sum(1 for _name in archive.names_below(files))


def _gone(listed: Path) -> set[str]:
    """The files that were removed while the backup was made; older backups do not tell."""
    return set(listed.read_text().splitlines()) if listed.exists() else set()


def _look_for_files(engine: engines.Engine, place: Place, gone: set[str], report: Report) -> None:
    """Count the rows whose file did not come along, but for those that were being removed."""
    missing = sorted(path for path in engine.living_files() - gone if not (place.files / path).exists())
    report.missing, report.missing_count = missing[:NAMED], len(missing)


def _migrate(described: dict[str, Any], place: Place, say: Say) -> int:
    """Bring an older backup to this version, in a process of its own that knows no other database."""
    lacking = manifest.lacking(described)
    if not lacking:
        return 0
    say(_("The backup is older than this version: %(count)s migrations follow …") % {"count": len(lacking)})
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "--noinput", "--verbosity", "0"]
    done = subprocess.run(command, env=os.environ | {"DATABASE_URL": place.url}, check=False, capture_output=True)
    if done.returncode:
        reason = done.stderr.decode(errors="replace")[-2000:]
        raise CommandError(_("The rows are back, but migrating failed: %(reason)s") % {"reason": reason})
    return len(lacking)


def _set_right(place: Place, report: Report) -> None:
    """Jobs that ran are nobody's now and are taken up again.

    What was done after the backup is gone with its trail: that it was restored is the trail's next line.
    """
    with seen_by_django(place.entry) as alias:
        now = clock.now()
        jobs = Job.objects.using(alias)
        report.jobs = jobs.filter(state=State.RUNNING).update(lease_until=now, holder="")
        jobs.filter(state=State.QUEUED).update(sent_at=None)
        Beat.objects.using(alias).filter(name__in=["worker", "scheduler", "sweep"]).delete()
        detail: dict[str, Any] = {"made_at": report.made_at, "rows": report.rows, "ok": report.is_whole}
        beat, _made = Beat.objects.using(alias).update_or_create(name="restore", defaults={"at": now, "detail": detail})
        trail.entry(None, "backup.restored", beat, **detail).save(using=alias)


@contextmanager
def seen_by_django(entry: dict[str, Any]) -> Iterator[str]:
    """The restored database as a connection of this thread alone; gives its alias."""
    wrapper = load_backend(entry["ENGINE"]).DatabaseWrapper
    connections[RESTORED] = wrapper({**connections[DEFAULT_DB_ALIAS].settings_dict, **entry}, RESTORED)
    try:
        yield RESTORED
    finally:
        connections[RESTORED].close()
        del connections[RESTORED]
