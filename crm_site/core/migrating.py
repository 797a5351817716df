"""Migrations that a kill cannot leave half done: the change and the note that it was made are one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration


class WholeExecutor(MigrationExecutor):
    """Applies each migration and records it in one transaction.

    Django's own commits the tables, lays keys and indexes, and records the migration in a transaction after that;
    whoever is killed in between finds "table already exists" for ever.
    """

    def apply_migration(self, state: Any, migration: Migration, fake: bool = False, fake_initial: bool = False) -> Any:
        """As Django's; a migration that asks for no transaction gets none."""
        if not migration.atomic:
            return super().apply_migration(state, migration, fake, fake_initial)
        with self._whole():
            return super().apply_migration(state, migration, fake, fake_initial)

    def unapply_migration(self, state: Any, migration: Migration, fake: bool = False) -> Any:
        """The same on the way back."""
        if not migration.atomic:
            return super().unapply_migration(state, migration, fake)
        with self._whole():
            return super().unapply_migration(state, migration, fake)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """A transaction around all of it; SQLite's keys are let go before it begins, as its schema editor wants it."""
        self.connection.disable_constraint_checking()
        try:
            with transaction.atomic(using=self.connection.alias):
                yield
        finally:
            self.connection.enable_constraint_checking()
