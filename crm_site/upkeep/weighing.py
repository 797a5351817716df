"""Which migrations that wait may run while people work with the old version, and which need a quiet minute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations import operations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop


@dataclass(frozen=True)
class Worry:
    """One step of a waiting migration that is not safe under load."""

    migration: str
    step: str
    why: str


_GONE = gettext_noop("the version that still serves reads or writes it")
_LOCKS = gettext_noop("nobody can write to the table meanwhile; a big one takes long")
_REWRITES = gettext_noop("the table may be written anew or looked through, closed to everybody meanwhile")
_ROWS = gettext_noop("it works on rows; how long depends on how many there are")
_NOT_NULL = gettext_noop("the version that still serves does not know the column and cannot add rows")

#: what makes a step unsafe; what is not named here (new tables, columns that may be empty, triggers) is safe
_WHY: tuple[tuple[type | tuple[type, ...], str], ...] = (
    ((operations.RemoveField, operations.DeleteModel, operations.RenameField, operations.RenameModel,
      operations.AlterModelTable), _GONE),
    ((operations.AddIndex, operations.RemoveIndex), _LOCKS),
    ((operations.AlterField, operations.AddConstraint), _REWRITES),
    ((operations.RunPython, operations.RunSQL), _ROWS),
)  # fmt: skip


def waiting(*, using: str = DEFAULT_DB_ALIAS) -> list[Migration]:
    """The migrations that `migrate` would apply now, in their order."""
    executor = MigrationExecutor(connections[using])
    return [migration for migration, _back in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def worries(migrations: list[Migration]) -> Iterator[Worry]:
    """Every step of them that is not safe while the old version serves; a table made by them is nobody's yet."""
    made: set[tuple[str, str]] = set()
    for migration in migrations:
        for step in migration.operations:
            if isinstance(step, operations.CreateModel):
                made.add((migration.app_label, step.name_lower))
            model = getattr(step, "model_name_lower", getattr(step, "name_lower", ""))
            if (migration.app_label, model) in made:
                continue
            why = _why(step)
            if why:
                yield Worry(f"{migration.app_label}.{migration.name}", step.describe(), _(why))


def _why(step: Operation) -> str:
    if isinstance(step, operations.AddField):
        has_value = step.field.null or step.field.db_default is not NOT_PROVIDED or step.field.many_to_many
        return "" if has_value else _NOT_NULL
    found: Iterator[str] = (why for kinds, why in _WHY if isinstance(step, kinds))
    return next(found, "")
