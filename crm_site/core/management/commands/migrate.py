"""`manage.py migrate`: Django's, that a kill cannot leave half done and that keeps nobody waiting behind it."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError
from django.utils.translation import gettext as _

from crm_site.core import engine
from crm_site.core.commandline import SpeakingCommand
from crm_site.core.migrating import WholeExecutor

#: seconds that a migration waits for a table in use; after that it gives way, and is run again
PATIENCE = 10


class Command(SpeakingCommand, migrate.Command):
    """Each migration is one transaction with its own record; only one `migrate` at a time; see core.migrating."""

    def handle(self, *args: Any, **options: Any) -> None:
        """As Django's; a table that stays in use ends it with a plain sentence, and nothing half done."""
        djangos, migrate.MigrationExecutor = migrate.MigrationExecutor, WholeExecutor
        try:
            with engine.alone_migrating(patience=PATIENCE, using=options["database"]):
                super().handle(*args, **options)
        except OperationalError as error:
            if not engine.took_too_long(error):
                raise
            raise CommandError(
                _(
                    "A table was in use for more than %(seconds)d seconds, so this migration gave way and changed "
                    "nothing. Run it again in a quiet moment."
                )
                % {"seconds": PATIENCE}
            ) from error
        finally:
            migrate.MigrationExecutor = djangos
