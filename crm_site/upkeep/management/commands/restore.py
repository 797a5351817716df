"""Brings database and files back from a backup, or with --drill proves that it could."""

import os
from argparse import ArgumentParser
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from crm_site.core import clock
from crm_site.core.commandline import SpeakingCommand
from crm_site.core.management.commands.serve import only_one_in
from crm_site.jobs.models import Beat
from crm_site.upkeep.backup import leftovers, troubles
from crm_site.upkeep.backup.drill import drill
from crm_site.upkeep.backup.restoring import Place, Report, restore


class Command(SpeakingCommand):
    """`manage.py restore FILE [--into URL] [--files FOLDER] [--pipe COMMAND] [--replace] [--drill]`."""

    help = "Restore a backup into an empty database and folder, compare all tables, migrate an older one."
    requires_system_checks: list[str] = []  # there may be no table yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What, where to, and whether for practice only."""
        parser.add_argument("file", type=Path, help="what `manage.py backup` has written")
        parser.add_argument("--into", default="", help="another database than DATABASE_URL")
        parser.add_argument("--files", type=Path, help="another folder for uploaded files than that of this machine")
        parser.add_argument("--pipe", default="", help="command that decrypts, e.g. 'age -d -i key.txt' or 'gpg -d'")
        parser.add_argument("--replace", action="store_true", help="lose what the database and the folder hold now")
        parser.add_argument("--drill", action="store_true", help="into a temporary place, only to prove that it works")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore or practise, and say what came back; exit code 1 when a table or a file is not what it was."""
        with troubles.told(options["file"]), leftovers.tidied_up():
            self.bring_back(options["file"], options)

    def bring_back(self, source: Path, options: dict[str, Any]) -> None:
        """One of the two ways, by what was asked for."""
        if not source.is_file():
            raise CommandError(_("There is no file %(path)s.") % {"path": source})
        url = options["into"] or os.environ.get("OWNER_DATABASE_URL") or os.environ.get("DATABASE_URL", "")
        if options["drill"]:
            report = self.practise(source, url, options["pipe"])
        else:
            if options["into"] and not options["files"]:
                raise CommandError(_("--into wants --files too: the folder for the uploaded files of that database."))
            place = Place(url, (options["files"] or Path(settings.MEDIA_ROOT)).resolve())
            with nullcontext() if options["into"] else self.nobody_else():
                report = restore(source, place, pipe=options["pipe"], replace=options["replace"], say=self.say)
        self.tell(report)
        if not options["drill"] and report.is_equal:
            self.say(
                _("Now: grant_rights (PostgreSQL), install_defaults, expire, then start web, worker and scheduler.")
            )
        if not report.is_whole:
            raise CommandError(self.lacking(report))

    def practise(self, source: Path, url: str, pipe: str) -> Report:
        """A drill and a note of how it went; one that breaks off, however it does, has proved nothing."""
        found: dict[str, Any] = {"ok": False, "broke_off": True}
        try:
            report = drill(source, url=url, pipe=pipe, say=self.say, today=clock.today())
            found = report.as_detail()
        finally:
            note(found)
        return report

    def nobody_else(self) -> AbstractContextManager[None]:
        """Keeps `serve` from running over what is restored: SQLite does not always see that it does."""
        settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        return only_one_in(settings.VAR_DIR)

    def tell(self, report: Report) -> None:
        """The report."""
        figures = {"files": report.files, "jobs": report.jobs, "seconds": report.seconds}
        self.say(_("%(files)d files, %(jobs)d jobs to be taken up again, %(seconds).1f s in all.") % figures)
        if report.is_equal:
            self.say(_("Every table is equal to the backup, row by row. All sign-ins have ended."))

    def lacking(self, report: Report) -> str:
        """What is said where something is not what it was: tables, and files that did not come along."""
        lines = []
        if not report.is_equal:
            lines += [_("Not equal to the backup:"), *(difference.words for difference in report.differences[:20])]
        if report.missing_count:
            missing = _("%(count)d files are missing from the backup that rows speak of:")
            advice = _("They may stand in an older backup: “A file is missing” in docs/operations.md.")
            lines += [missing % {"count": report.missing_count}, *report.missing, advice]
        return "\n".join(lines)


def note(detail: dict[str, Any]) -> None:
    """Write down how the last drill went, for the doctor and the page of background jobs, where there is a database."""
    with suppress(DatabaseError):  # on a machine without tables there is no doctor; what was said of the drill counts
        Beat.objects.update_or_create(name="drill", defaults={"at": clock.now(), "detail": detail})
