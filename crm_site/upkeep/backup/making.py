"""Makes a backup: the database at one moment, then the files, into one file that appears only when it is whole."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from crm_site.core import clock
from crm_site.upkeep.backup import archive, engines, leftovers, manifest

PREFIX = "huifang-"
#: so many seconds a removal is waited for whose file is gone and whose row is not yet committed
PATIENCE = 30


@dataclass(frozen=True)
class Made:
    """What a backup holds."""

    path: Path
    bytes: int
    rows: int
    files: int
    seconds: float
    #: names of files that rows speak of and that were not there to be taken
    missing: list[str]


def make(folder: Path, *, now: datetime, pipe: str = "", entry: dict[str, Any] | None = None) -> Made:
    """Write a backup into a folder and give what it holds.

    The files are taken after the database: whatever a row names lay on disk before the row was committed. A file that
    is removed in between is noted as gone; any other that a row speaks of is told as missing. `pipe`: a command
    through which the archive goes, such as one that encrypts it. Raises CommandError, and leaves nothing behind, if it
    fails.
    """
    started = time.monotonic()
    engine = engines.of(entry or settings.DATABASES["default"])
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"{PREFIX}{now.astimezone(clock.BUSINESS_ZONE):%Y%m%d-%H%M%S}.tar{'.enc' if pipe else ''}"
    if target.exists():
        raise CommandError(_("%(path)s is there already.") % {"path": target})
    leftovers.remove(folder, leftovers.MAKING)
    leftovers.remove(Path(settings.MEDIA_ROOT).parent, leftovers.RESTORING)
    with tempfile.TemporaryDirectory(prefix=leftovers.MAKING, dir=folder) as work:
        part, named = Path(work, engine.member), engine.living_files()
        tables, migrations = engine.dump(part, without=manifest.left_out())
        described = manifest.describe(engine, tables, migrations, part, made_at=now)
        draft = Path(work, target.name)
        with _sink(draft, pipe) as out, Path(work, archive.LIST).open("w+b") as listing:
            writer = archive.Writer(out, listing)
            missing = _pour(writer, described, part, engine, named)
        draft.replace(target)
    _settle(folder)
    rows = sum(facts.rows for facts in tables.values())
    return Made(target, target.stat().st_size, rows, writer.files, time.monotonic() - started, missing)


def _pour(
    writer: archive.Writer, described: dict[str, Any], part: Path, engine: engines.Engine, named: set[str]
) -> list[str]:
    """Write all parts; gives which of the files that rows `named` before the dump are missing, and still named."""
    root = Path(settings.MEDIA_ROOT)
    writer.manifest(described)
    writer.database(described["database"]["member"], part)
    for name in archive.names_below(root):
        if writer.file(root, name):
            named.discard(name)
    missing = _still_named(engine, named)
    writer.gone(named - missing)
    writer.finish()
    return sorted(missing)


def _still_named(engine: engines.Engine, lacking: set[str]) -> set[str]:
    """Those whose row still speaks of them; who removes a file takes it away first and commits its row later."""
    until = time.monotonic() + PATIENCE
    while lacking and (lacking := lacking & engine.living_files()) and time.monotonic() < until:
        time.sleep(1)
    return lacking


def thin_out(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest backups of a folder; gives those removed."""
    found = sorted(folder.glob(f"{PREFIX}*.tar*"), reverse=True)
    for old in found[keep:]:
        old.unlink()
    return found[keep:]


@contextmanager
def _sink(draft: Path, pipe: str) -> Iterator[BinaryIO]:
    """Where the archive goes: a file for this account alone, through the command where one is named."""
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        if not pipe:
            yield file
        else:
            with through(pipe, stdout=file) as process:
                yield process.stdin  # type: ignore[misc]
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def through(pipe: str, **ends: Any) -> Iterator[subprocess.Popen]:
    """A command of the operator's at the end of a pipe; raises CommandError when it fails."""
    streams = {"stdin": subprocess.PIPE} | ends
    with subprocess.Popen(["/bin/sh", "-c", pipe], **streams) as process:
        try:
            yield process
            _close(process)
        except BrokenPipeError as broken:
            with suppress(BrokenPipeError):  # what was written last has nowhere to go
                _close(process)
            process.wait()
            raise CommandError(
                _("The command of --pipe ended early, with code %(code)s.") % {"code": process.returncode}
            ) from broken
    if process.returncode:
        raise CommandError(_("The command of --pipe failed with code %(code)s.") % {"code": process.returncode})


def _close(process: subprocess.Popen) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def _settle(folder: Path) -> None:
    """The new name must outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
