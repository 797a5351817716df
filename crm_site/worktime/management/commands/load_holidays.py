"""Fills the calendar with the official holidays: `manage.py load_holidays [year …]`."""

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from crm_site.core import clock
from crm_site.core.commandline import SpeakingCommand
from crm_site.core.errors import RuleBroken
from crm_site.worktime import actions, calendars, official


def _told(result: actions.LoadResult) -> str:
    words = _("%(year)s: %(added)s added, %(changed)s changed, %(removed)s removed, %(kept)s entered by hand kept")
    return words % asdict(result)


class Command(SpeakingCommand):
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
            self.say(_told(result))
        for year in calendars.missing_years(clock.today()):
            warning = _("The holidays of %(year)s are missing; it counts as Monday to Friday.") % {"year": year}
            self.stderr.write(self.style.WARNING(warning))
