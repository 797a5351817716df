"""Collects rows that know each other by number, and writes them table by table through the door for bulk loading."""

from __future__ import annotations

from collections.abc import Iterator
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
        self._next: dict[type[models.Model], int] = {}

    def add(self, row: Row) -> Row:
        """Keep a row for writing and number it."""
        model = type(row)
        if model not in self._rows:
            self._rows[model] = []
            last = model._default_manager.aggregate(last=models.Max("pk"))["last"]
            self._next.setdefault(model, (last or 0) + 1)
        row.pk = self._next[model]
        self._next[model] += 1
        self._rows[model].append(row)
        return row

    def of(self, model: type[Row]) -> list[Row]:
        """The rows of a table that wait to be written."""
        return self._rows.get(model, [])  # type: ignore[return-value]

    def write(self) -> int:
        """Write everything, what others refer to first; gives how many rows."""
        written = 0
        for model in in_order(list(self._rows)):
            columns = [field.name for field in model._meta.concrete_fields]
            names = [field.attname for field in model._meta.concrete_fields]
            written += sql.load_rows(model, columns, _values(self._rows[model], names))
        _continue_numbering(list(self._rows))
        self._rows.clear()
        self._next.clear()
        return written


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


def _values(rows: list[models.Model], names: list[str]) -> Iterator[list[Any]]:
    return ([getattr(row, name) for name in names] for row in rows)


def _continue_numbering(tables: list[type[models.Model]]) -> None:
    """Let the database's own numbering go on after ours."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
