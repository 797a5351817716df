"""`manage.py demo`: fills an empty database with the demo world."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm_site.core import clock
from crm_site.demo.build import NotEmpty, build


class Command(BaseCommand):
    """Two invented dealerships with a year of history that ends today; the same day gives the same world."""

    help = "Fill an empty database with the demo world (only with HUIFANG_DEMO=1)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the size of the world."""
        parser.add_argument("--scale", type=float, default=1.0, help="1 is 3,000 customers; 0.1 a tenth of that")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how far it is."""
        if not settings.DEMO:
            raise CommandError("The demo world is only loaded with HUIFANG_DEMO=1; this is a production setting.")
        started = time.monotonic()

        def say(line: str) -> None:
            self.stdout.write(f"  {time.monotonic() - started:5.1f} s  {line}")
            self.stdout.flush()

        try:
            build(now=clock.now(), scale=options["scale"], say=say)
        except NotEmpty as refused:
            raise CommandError(str(refused)) from refused
        say("the demo world is ready")
