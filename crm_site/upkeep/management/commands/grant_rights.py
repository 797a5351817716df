"""`manage.py grant_rights --role NAME`: gives the application's database role its rights, run by the tables' owner."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from crm_site.core.commandline import shell_language
from crm_site.core.errors import RuleBroken
from crm_site.upkeep import rights


class Command(BaseCommand):
    """Run it as the owner after every `migrate`; running it again does no harm."""

    help = "Give the application's database role its rights: rows yes, tables no, the audit trail only to add to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", required=True, help="the role that DATABASE_URL of web and worker names")
        parser.add_argument("--dry-run", action="store_true", help="only print the statements")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with translation.override(shell_language()):
                statements = rights.grant(options["role"], dry_run=options["dry_run"])
        except RuleBroken as broken:
            raise CommandError(broken.message) from broken
        if options["dry_run"]:
            self.stdout.write(";\n".join(statements) + ";")
        elif options["verbosity"]:
            self.stdout.write(f"{options['role']}: {len(statements)} statements.")
