"""`manage.py demo`: fills an empty database with the demo world."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from crm_site.core import clock
from crm_site.core.commandline import SpeakingCommand, shell_language
from crm_site.core.i18n import gettext_noop
from crm_site.demo.build import NotEmpty, build


class Command(SpeakingCommand):
    """Two invented dealerships with a year of history that ends today; the same day gives the same world."""

    help = "Fill an empty database with the demo world (only with HUIFANG_DEMO=1)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the size of the world."""
        parser.add_argument("--scale", type=float, default=1.0, help="1 is 3,000 customers; 0.1 a tenth of that")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how far it is."""
        if not settings.DEMO:
            raise CommandError(_("The demo world is only loaded with HUIFANG_DEMO=1; this is a production setting."))
        started = time.monotonic()

        def tell(line: str) -> None:
            with translation.override(shell_language()):
                self.say(f"  {time.monotonic() - started:5.1f} s  {_(line)}")

        try:
            with translation.override(settings.LANGUAGE_CODE):  # what is kept has nothing to do with this shell
                build(now=clock.now(), scale=options["scale"], say=tell)
        except NotEmpty as refused:
            raise CommandError(_(str(refused))) from refused
        tell(gettext_noop("the demo world is ready"))
