"""`manage.py check_scope`: no row of one store refers to a row of another."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm_site.core import scope


class Command(BaseCommand):
    """Looks at every key between tables with a store; ends with an error when a row strays."""

    help = "Prove that rows which refer to each other belong to the same store."

    def handle(self, *args: Any, **options: Any) -> None:
        """Count the stray rows of every key."""
        keys = list(scope.scoped_keys())
        strays = [f"{key}: {count}" for key in keys if (count := key.strays().count())]
        if strays:
            raise CommandError("Rows that refer to a row of another store:\n  " + "\n  ".join(strays))
        self.stdout.write(f"{len(keys)} keys looked at; every row stays within its store.")
