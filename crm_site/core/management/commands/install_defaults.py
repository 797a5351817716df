"""Installs the reference rows that every installation has; may be run again at any time and changes nothing then."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from crm_site.core import hooks


class Command(BaseCommand):
    """Calls each room's `defaults.install()` in the order of settings.DEFAULTS."""

    help = "Install the default rules, questionnaires, levels, categories, scripts and call results."

    def handle(self, *args: Any, **options: Any) -> None:
        for install in hooks.load("DEFAULTS"):
            with transaction.atomic():
                made = install()
            if options["verbosity"] > 0:
                self.stdout.write(f"{install.__module__}: {made} new rows")
