"""What the operating system refuses a backup or a restore, said with what to do about it."""

from __future__ import annotations

import errno
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from crm_site.core.i18n import gettext_noop

NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NO_FOLDER = {errno.EEXIST, errno.ENOTDIR}
#: the system's own words, which come in English whatever the shell's language is
WORDS = {
    errno.EACCES: gettext_noop("Permission denied"),
    errno.EPERM: gettext_noop("Operation not permitted"),
    errno.EROFS: gettext_noop("Read-only file system"),
    errno.ENOSPC: gettext_noop("No space left on device"),
    errno.EDQUOT: gettext_noop("Disk quota exceeded"),
    errno.EFBIG: gettext_noop("File too large"),
    errno.EEXIST: gettext_noop("File exists"),
    errno.ENOTDIR: gettext_noop("Not a directory"),
    errno.ENOENT: gettext_noop("No such file or directory"),
}


@contextmanager
def told(place: Path) -> Iterator[None]:
    """Raises CommandError instead of an OSError inside; `place` is named where the system names no file."""
    try:
        yield
    except OSError as problem:
        words = WORDS.get(problem.errno or 0, problem.strerror or str(problem))
        values = {"where": problem.filename or place, "what": _(words), "advice": _advice(problem, place)}
        raise CommandError((_("%(where)s: %(what)s. %(advice)s") % values).strip()) from problem


def _advice(problem: OSError, place: Path) -> str:
    if problem.errno in NO_RIGHT:
        return _(
            "This runs as the account “%(account)s”, which must be able to reach it. A folder: install -d -m 0700 -o "
            "%(account)s FOLDER. A backup: install -m 0600 -o %(account)s FILE /var/backups/huifang/, and name it "
            "there."
        ) % {"account": getpass.getuser()}
    if problem.errno in NO_ROOM:
        return _(
            "Make room or name another folder: a backup needs the dump twice for a moment, a restore the whole archive "
            "unpacked beside the folder of files, a drill in /tmp (or where TMPDIR says)."
        )
    return _("%(place)s has to be a folder.") % {"place": place} if problem.errno in NO_FOLDER else ""
