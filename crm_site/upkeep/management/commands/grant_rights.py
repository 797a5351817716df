"""`manage.py grant_rights --role NAME`: gives the application's database role its rights, run by the tables' owner."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from crm_site.core.commandline import SpeakingCommand
from crm_site.core.errors import RuleBroken
from crm_site.upkeep import rights


class Command(SpeakingCommand):
    """Run it as the owner after every `migrate`; running it again does no harm."""

    help = "Give the application's database role its rights: rows yes, tables no, the audit trail only to add to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", required=True, help="the role that DATABASE_URL of web and worker names")
        parser.add_argument("--dry-run", action="store_true", help="only print the statements")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            statements = rights.grant(options["role"], dry_run=options["dry_run"])
        except RuleBroken as broken:
            raise CommandError(broken.message) from broken
        if options["dry_run"]:
            self.stdout.write(";\n".join(statements) + ";")
        elif options["verbosity"]:
            self.say(_("%(role)s: %(count)d statements.") % {"role": options["role"], "count": len(statements)})
