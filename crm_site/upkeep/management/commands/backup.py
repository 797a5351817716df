"""Writes a backup of database and files into a folder: `manage.py backup --to /var/backups/huifang --keep 14`."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from crm_site.core import clock
from crm_site.core.commandline import SpeakingCommand
from crm_site.jobs.models import Beat
from crm_site.upkeep.backup import leftovers, making, troubles
from crm_site.upkeep.backup.restoring import NAMED


class Command(SpeakingCommand):
    """`manage.py backup [--to FOLDER] [--keep N] [--pipe COMMAND]`; people go on working meanwhile."""

    help = (
        "Write database and files into one file, from one moment, while people work. The environment with SECRET_KEY "
        "and the passwords of the servers are NOT in it: keep those apart, and safe."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, how many stay, and what the archive goes through."""
        parser.add_argument("--to", type=Path, default=settings.VAR_DIR / "backups", help="folder (var/backups)")
        parser.add_argument("--keep", type=int, default=0, help="remove all but the newest N backups of that folder")
        parser.add_argument("--pipe", default="", help="command that encrypts, e.g. 'age -r age1…' or 'gpg -e -r ops'")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, note it for the job room, remove old ones, say what it holds."""
        if options["keep"] < 0:
            raise CommandError(_("--keep is the number of backups that stay, 1 or more."))
        now = clock.now()
        with troubles.told(options["to"]), leftovers.tidied_up():
            made = making.make(options["to"].resolve(), now=now, pipe=options["pipe"])
        detail = {"name": made.path.name, "bytes": made.bytes, "rows": made.rows, "files": made.files}
        detail |= {"missing_count": len(made.missing), "ok": not made.missing}
        self.tell(made)
        self.note(now, detail | {"seconds": round(made.seconds, 1)})
        if made.missing:
            raise CommandError(self.lacking(made))
        removed = making.thin_out(options["to"], options["keep"]) if options["keep"] else []
        for old in removed:
            self.say(_("Removed %(name)s") % {"name": old.name})

    def note(self, now: datetime, detail: dict[str, Any]) -> None:
        """For the doctor and the job room; an update makes its backup before it migrates, maybe this very table."""
        try:
            Beat.objects.update_or_create(name="backup", defaults={"at": now, "detail": detail})
        except DatabaseError as problem:
            reason = str(problem).strip().splitlines()[0]
            self.say(_("The backup is made, but the doctor will not know of it: %(reason)s") % {"reason": reason})

    def tell(self, made: making.Made) -> None:
        """What the backup holds, and what it does not."""
        figures = {"rows": made.rows, "files": made.files, "size": made.bytes / 1e6, "seconds": made.seconds}
        line = _("%(path)s: %(rows)d rows, %(files)d files, %(size).1f MB, %(seconds).1f s")
        self.say(line % {"path": made.path, **figures})
        self.say(_("Not in it: the environment with SECRET_KEY, and the servers' passwords. Keep them apart."))

    def lacking(self, made: making.Made) -> str:
        """What is said where files could not be taken that must be there."""
        values = {"count": len(made.missing), "folder": settings.MEDIA_ROOT}
        what = _("The backup lacks %(count)d files that rows speak of and that are not in %(folder)s:") % values
        advice = _(
            "Is that folder mounted, and the right one (HUIFANG_VAR)? No older backup was removed. What to do about "
            "single files: “A file is missing” in docs/operations.md."
        )
        return "\n".join([what, *made.missing[:NAMED], advice])
