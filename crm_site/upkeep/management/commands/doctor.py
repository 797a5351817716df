"""`manage.py doctor`: what is wrong with this installation; exit code 0 fine, 1 watch, 2 wrong."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from crm_site.core import clock
from crm_site.core.commandline import shell_language
from crm_site.upkeep.doctor.findings import Check, Finding, Grade
from crm_site.upkeep.doctor.table import examine

MARKS = {Grade.FINE: "ok", Grade.WATCH: "!", Grade.WRONG: "✗"}


class Command(BaseCommand):
    """Looks, and changes nothing; see upkeep.doctor.table for what it looks at."""

    help = "Say in plain words what is wrong with this installation and what to do about it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines")
        parser.add_argument("--lang", choices=["zh-hans", "en"], help="else by LANG: Chinese where it begins with zh")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["lang"] or shell_language()):
            found = list(examine(clock.now()))
            if options["json"]:
                self.stdout.write(json.dumps([_row(*one) for one in found], ensure_ascii=False, indent=1))
            else:
                self._say(found)
        sys.exit(max(finding.grade for _check, finding in found))

    def _say(self, found: list[tuple[Check, Finding]]) -> None:
        for check, finding in found:
            self.stdout.write(f"{MARKS[finding.grade]:>2}  {check.code:15} {finding.said}")
            if finding.advice:
                self.stdout.write(f"{'':21}→ {finding.advice}")
        counts = {grade.name.lower(): sum(finding.grade == grade for _one, finding in found) for grade in Grade}
        self.stdout.write(_("%(fine)d fine, %(watch)d to watch, %(wrong)d wrong.") % counts)


def _row(check: Check, finding: Finding) -> dict[str, str]:
    return {"code": check.code, "grade": finding.grade.name.lower(), "said": finding.said, "advice": finding.advice}
