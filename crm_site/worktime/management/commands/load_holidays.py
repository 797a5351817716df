"""Fills the calendar with the official holidays: `manage.py load_holidays [year …]`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.worktime import actions, calendars, official


class Command(BaseCommand):
    """Loads the lists of the given years; without any, of the latest years that the library knows."""

    help = "Load the official Chinese holidays and make-up workdays into the calendar; safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Years are optional."""
        parser.add_argument("years", nargs="*", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Load each year, then warn of the years that should be known by today and are not."""
        for year in options["years"] or official.recent_years():
            try:
                result = actions.load_official_holidays(year)
            except RuleBroken as error:
                raise CommandError(error.message) from error
            self.stdout.write(
                f"{year}: {result.added} added, {result.changed} changed, "
                f"{result.removed} removed, {result.kept} entered by hand kept"
            )
        for year in calendars.missing_years(clock.today()):
            self.stderr.write(self.style.WARNING(f"The holidays of {year} are missing; it counts as Monday to Friday."))
