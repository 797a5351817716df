"""What the operating system refuses a backup or a restore, said with what to do about it."""

from __future__ import annotations

import errno
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import CommandError

NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NO_FOLDER = {errno.EEXIST, errno.ENOTDIR}


@contextmanager
def told(place: Path) -> Iterator[None]:
    """Raises CommandError instead of an OSError inside; `place` is named where the system names no file."""
    try:
        yield
    except OSError as problem:
        where = problem.filename or place
        raise CommandError(f"{where}: {problem.strerror or problem}. {_advice(problem, place)}".strip()) from problem


def _advice(problem: OSError, place: Path) -> str:
    if problem.errno in NO_RIGHT:
        account = getpass.getuser()
        return (
            f"This runs as the account “{account}”, which must be able to reach it. A folder: install -d -m 0700 -o "
            f"{account} FOLDER. A backup: install -m 0600 -o {account} FILE /var/backups/huifang/, and name it there."
        )
    if problem.errno in NO_ROOM:
        return (
            "Make room or name another folder: a backup needs the dump twice for a moment, a restore the whole archive "
            "unpacked beside the folder of files, a drill in /tmp (or where TMPDIR says)."
        )
    return f"{place} has to be a folder." if problem.errno in NO_FOLDER else ""
