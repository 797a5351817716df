"""The notes of one merge, in the order in which it was done: enough to put every row back as it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db.models import Model, QuerySet

from crm_site.imports.journal import stored
from crm_site.privacy.models import Merge, MergeRow
from crm_site.privacy.relations import name_of

Columns = dict[str, Any]
Kind = MergeRow.Kind


class Notes:
    """What a merge has done so far; `after` so many notes that are kept already."""

    def __init__(self, after: int = 0) -> None:
        self._rows: list[MergeRow] = []
        self._first = after

    def moved(self, model: type[Model], column: str, keys: Iterable[int], *, old: int | None, new: int) -> None:
        """Rows that pointed to `old` now point to `new`."""
        for key in keys:
            self._add(Kind.MOVED, name_of(model, column), key, old_key=old, whole={"key": new})

    def dropped(self, row: Model) -> None:
        """A row that is about to be deleted."""
        self._add(Kind.DROPPED, name_of(type(row)), row.pk, whole=columns_of(row))

    def made(self, model: type[Model], key: int, columns: Columns) -> None:
        """A row that did not stand before."""
        self._add(Kind.MADE, name_of(model), key, whole=columns)

    def changed(self, model: type[Model], key: int, before: Columns, after: Columns) -> None:
        """Columns of a row that stood before; equal ones are left out."""
        pairs = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
        if pairs:
            self._add(Kind.CHANGED, name_of(model), key, whole=pairs)

    @contextmanager
    def watching(self, rows: QuerySet[Any]) -> Iterator[None]:
        """Note what happens within to the rows of a query: new ones, and columns that change. None may vanish."""
        before = snapshot(rows)
        yield
        for key, columns in snapshot(rows).items():
            if key in before:
                self.changed(rows.model, key, before[key], columns)
            else:
                self.made(rows.model, key, columns)

    def keep(self, merge: Merge) -> None:
        """Write the notes, in the transaction of the merge."""
        for row in self._rows:
            row.merge = merge
        MergeRow.objects.bulk_create(self._rows, batch_size=500)

    def _add(self, kind: str, relation: str, row: int, **more: Any) -> None:
        self._rows.append(
            MergeRow(position=self._first + len(self._rows), kind=kind, relation=relation, row=row, **more)
        )


def columns_of(row: Model) -> Columns:
    """A whole row as plain JSON, the same on either engine."""
    return {
        field.attname: stored(row, field.attname, getattr(row, field.attname)) for field in row._meta.concrete_fields
    }


def snapshot(rows: QuerySet[Any]) -> dict[int, Columns]:
    """The rows of a query as they stand, by key."""
    return {row.pk: columns_of(row) for row in rows.all().order_by("pk")}


def put(row: Model, values: Mapping[str, Any]) -> None:
    """Set columns of a row to values that the journal kept."""
    for name, value in values.items():
        column: Any = row._meta.get_field(name)
        target = column.target_field if column.is_relation else column
        setattr(row, name, value if value is None else target.to_python(value))
