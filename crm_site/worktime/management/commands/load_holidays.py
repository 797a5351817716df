"""Fills the calendar with the official holidays: `manage.py load_holidays [year …]`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.worktime import actions


class Command(BaseCommand):
    """Loads the lists of the given years; without any, of last year, this one and the next where it is known."""

    help = "Load the official Chinese holidays and make-up workdays into the calendar; safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Years are optional."""
        parser.add_argument("years", nargs="*", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Load each year; an unknown year is an error only where it was asked for by name."""
        this_year = clock.today().year
        for year in options["years"] or range(this_year - 1, this_year + 2):
            try:
                result = actions.load_official_holidays(year)
            except RuleBroken as error:
                if options["years"]:
                    raise CommandError(error.message) from error
                self.stderr.write(self.style.WARNING(error.message))
            else:
                self.stdout.write(
                    f"{year}: {result.added} added, {result.changed} changed, "
                    f"{result.removed} removed, {result.kept} entered by hand kept"
                )
