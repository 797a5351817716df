"""A backup, restore or drill that is ended tidies up; what one left that was killed outright goes with the next one."""

from __future__ import annotations

import re
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings

#: how the folders are named in which each works
MAKING, RESTORING, DRILLING = ".making-", ".restoring-", "huifang-drill-"
#: and the databases of drills, followed by their day, for PostgreSQL does not know how old one is
DATABASE = "huifang_drill_"
#: gives the names of all of them, apart by blanks
DATABASES = "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname LIKE 'huifang\\_drill\\_%'"
#: after so many seconds nobody works in it any more
AFTER = 24 * 3600
_ENDS = (signal.SIGHUP, signal.SIGTERM)


@contextmanager
def tidied_up() -> Iterator[None]:
    """A lost line or a told end (HUP, TERM) leaves the block as any error does: its folders and databases go."""
    before = {number: signal.getsignal(number) for number in _ENDS}

    def end(number: int, _frame: object) -> None:
        for one in _ENDS:  # a second one would interrupt the tidying
            signal.signal(one, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for number, meanwhile in before.items():
        if meanwhile != signal.SIG_IGN:  # nohup
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def old_folders(folder: Path, prefix: str) -> list[Path]:
    """Those in which nobody works any more."""
    return [found for found in folder.glob(f"{prefix}*") if _is_old(found)]


def _is_old(folder: Path) -> bool:
    try:
        return time.time() - folder.lstat().st_mtime > AFTER
    except FileNotFoundError:  # whoever worked in it has just finished
        return False


def remove(folder: Path, prefix: str) -> None:
    """Remove them."""
    for old in old_folders(folder, prefix):
        shutil.rmtree(old, ignore_errors=True)


def copies() -> list[Path]:
    """The folders with a copy of all data that a restore or a drill has left on this machine."""
    return [
        *old_folders(Path(settings.MEDIA_ROOT).parent, RESTORING),
        *old_folders(Path(tempfile.gettempdir()), DRILLING),
    ]


def old_databases(names: str, today: date) -> list[str]:
    """Which of the databases were made before yesterday; those without a day are older."""
    since = f"{today - timedelta(days=1):%Y%m%d}"
    dated = re.compile(rf"{DATABASE}(\d{{8}})_")
    return [name for name in names.split() if not (day := dated.match(name)) or day[1] < since]
