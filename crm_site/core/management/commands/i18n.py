"""Translations: `i18n compile` builds all, `check` finds gaps, `missing ROOM` prints stubs, `prune` cleans."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.reloader import translation_file_changed

from crm_site.core.commandline import SpeakingCommand, shell_language
from crm_site.core.i18n import extract, parts, review


class Command(SpeakingCommand):
    """Works on locale/zh_Hans/*.po with Babel; no system gettext is needed."""

    help = __doc__ or ""
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        steps.add_parser("compile", help="merge the parts into LC_MESSAGES/django.mo")
        steps.add_parser("check", help="list what is missing or wrong; fails when anything is")
        steps.add_parser("prune", help="remove entries that no code uses")
        missing = steps.add_parser("missing", help="print empty entries for the untranslated strings of a room")
        missing.add_argument("room")

    def handle(self, *args: Any, step: str, **options: Any) -> None:
        try:
            if step == "compile":
                self._compile()
            elif step == "check":
                self._check()
            elif step == "prune":
                used = {found.key for found in extract.messages(settings.BASE_DIR)}
                self.stdout.write(f"{parts.prune(settings.BASE_DIR, used)} obsolete entries removed")
            else:
                self.stdout.write(review.stubs(settings.BASE_DIR, options["room"]))
        except parts.BrokenPart as error:
            raise CommandError(str(error)) from error

    def _compile(self) -> None:
        path, count = parts.compile_catalogue(settings.BASE_DIR)
        _read_anew(path)
        place = path.relative_to(settings.BASE_DIR)
        self.say(_("%(count)d messages in %(path)s") % {"count": count, "path": place})

    def _check(self) -> None:
        found = review.problems(settings.BASE_DIR)
        for line in found:
            self.stdout.write(line)
        if found:
            raise CommandError(f"{len(found)} translation problems.")
        self.stdout.write("Translations are complete.")


def _read_anew(path: Path) -> None:
    """Let this process too speak by the new catalogue: `serve` says its lines right after."""
    translation_file_changed(sender=None, file_path=path)
    translation.activate(shell_language())
