"""Collects rows that know each other by number, and writes them table by table through the door for bulk loading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.core.management.color import no_style
from django.db import connection, models

from crm_site.core import sql

Row = TypeVar("Row", bound=models.Model)


class Rows:
    """Rows not yet written. `add` gives each its number at once, so that others can refer to it."""

    def __init__(self) -> None:
        """Begin with nothing; numbers go on where each table ends."""
        self._rows: dict[type[models.Model], list[models.Model]] = {}
        self._plain: dict[type[models.Model], list[tuple[Any, ...]]] = {}
        self._next: dict[type[models.Model], int] = {}

    def add(self, row: Row) -> Row:
        """Keep a row for writing and number it."""
        model = type(row)
        row.pk = self._number(model)
        self._rows.setdefault(model, []).append(row)
        return row

    def add_plain(self, model: type[models.Model], *values: Any) -> int:
        """Keep a row of a large table without making an object of it: its values in the order of its columns.

        Gives its number.
        """
        number = self._number(model)
        self._plain.setdefault(model, []).append((number, *values))
        return number

    def _number(self, model: type[models.Model]) -> int:
        if model not in self._next:
            self._next[model] = (model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0) + 1
        self._next[model] += 1
        return self._next[model] - 1

    def of(self, model: type[Row]) -> list[Row]:
        """The rows of a table that wait to be written."""
        return self._rows.get(model, [])  # type: ignore[return-value]

    def write(self) -> int:
        """Write everything, what others refer to first; gives how many rows."""
        written = 0
        tables = [*self._rows, *self._plain]
        for model in in_order(tables):
            columns = [field.name for field in model._meta.concrete_fields]
            written += sql.load_rows(model, columns, self._values(model))
        _continue_numbering(tables)
        for kept in (self._rows, self._plain, self._next):
            kept.clear()
        return written

    def _values(self, model: type[models.Model]) -> Iterator[Sequence[Any]]:
        names = [field.attname for field in model._meta.concrete_fields]
        for row in self._rows.get(model, ()):
            yield [getattr(row, name) for name in names]
        yield from self._plain.get(model, ())


def in_order(tables: list[type[models.Model]]) -> Iterator[type[models.Model]]:
    """The tables, each after those that it refers to."""
    done: set[type[models.Model]] = set()

    def visit(model: type[models.Model]) -> Iterator[type[models.Model]]:
        if model in done:
            return
        done.add(model)
        for field in model._meta.concrete_fields:
            if field.related_model in tables:
                yield from visit(field.related_model)
        yield model

    for table in tables:
        yield from visit(table)


def _continue_numbering(tables: list[type[models.Model]]) -> None:
    """Let the database's own numbering go on after ours."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
