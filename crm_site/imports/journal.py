"""What one transaction of an import makes, changes and removes, noted by the layouts and kept for undo."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zlib import crc32

from django.db import models
from django.db.models import Model

from crm_site.audit.trail import plain
from crm_site.imports.models import AppliedChunk, ImportBatch

#: Columns that say where a row came from; they follow the other values and are no edit of their own.
FOLLOWING = frozenset({"source_values", "version"})


class Journal:
    """The notes of one chunk. A layout's `apply` notes every row that it writes, in the order of writing."""

    def __init__(self) -> None:
        self._created: dict[str, list[int]] = defaultdict(list)
        self._updated: dict[str, dict[str, dict[str, list[Any]]]] = defaultdict(dict)
        self._removed: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self._seals: dict[str, dict[str, int]] = defaultdict(dict)

    def made(self, rows: Iterable[Model]) -> None:
        """Note rows that were just inserted (they have their keys)."""
        for row in rows:
            label = row._meta.label_lower
            self._created[label].append(row.pk)
            self._seals[label][str(row.pk)] = seal(row)

    def changed(self, row: Model, before: Mapping[str, Any]) -> None:
        """Note fields of a row that stood before; `before` are the old values, the new ones are read from the row.

        Fields are named as on the model, a foreign key by its attname (`vehicle_id`). The first old value counts.
        A row that this very chunk has made needs no old values.
        """
        label, key = row._meta.label_lower, str(row.pk)
        is_ours = key in self._seals[label] and key not in self._updated[label]
        self._seals[label][key] = seal(row)
        if is_ours:
            return
        fields = self._updated[label].setdefault(key, {})
        for name, old in before.items():
            first = fields[name][0] if name in fields else stored(row, name, old)
            fields[name] = [first, stored(row, name, getattr(row, name))]

    def removed(self, rows: Iterable[Model]) -> None:
        """Note whole rows that are deleted because others take their place; call it before they are."""
        for row in rows:
            names = [field.attname for field in row._meta.concrete_fields]
            values = {name: stored(row, name, getattr(row, name)) for name in names}
            self._removed[row._meta.label_lower][str(row.pk)] = values

    def touched(self) -> set[tuple[str, int]]:
        """Every row that was made or changed: (model label, key)."""
        return {(label, int(key)) for label, seals in self._seals.items() for key in seals}

    def keep(self, batch: ImportBatch, now: datetime) -> None:
        """Write the notes as the batch's next chunk, in the chunk's own transaction; nothing noted, nothing written."""
        updated = {label: rows for label, rows in self._updated.items() if rows}
        if not self._created and not updated and not self._removed:
            return
        number = AppliedChunk.objects.filter(batch=batch).count() + 1
        AppliedChunk.objects.create(
            batch=batch, number=number, at=now, created=dict(self._created), updated=updated,
            removed=dict(self._removed), seals={label: rows for label, rows in self._seals.items() if rows},
        )  # fmt: skip


def stored(row: Model, name: str, value: Any) -> Any:
    """A column's value as plain JSON, the same for what is to be written and for what is read back."""
    if isinstance(value, Decimal):
        field: Any = row._meta.get_field(name)
        return str(value.quantize(Decimal(1).scaleb(-field.decimal_places)))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return plain(value)


# ---- seals ----------------------------------------------------------------------------------------------------------


def seal(row: Model) -> int:
    """A short number that tells whether a row has been edited: its version, else a checksum of its values.

    The same for the object that was inserted and for the row read back, on either engine.
    """
    version = getattr(row, "version", None)
    if isinstance(version, int):
        return version
    values = (write(getattr(row, name)) for name, write in _writers(type(row)))
    return crc32("\x1f".join(values).encode())


@cache
def _writers(model: type[Model]) -> list[tuple[str, Callable[[Any], str]]]:
    """How each column that counts is written into the checksum."""
    left_out = FOLLOWING | set(derived_fields(model))
    fields = [field for field in model._meta.concrete_fields if not field.primary_key and field.name not in left_out]
    return [(field.attname, _writer(field)) for field in fields]


def _writer(field: models.Field[Any, Any]) -> Callable[[Any], str]:
    if isinstance(field, models.DecimalField):
        places = Decimal(1).scaleb(-(field.decimal_places or 0))
        return lambda value: "" if value is None else str(Decimal(str(value)).quantize(places))
    if isinstance(field, models.DateTimeField):
        return lambda value: str(value and value.timestamp())
    if isinstance(field, models.JSONField):
        return lambda value: json.dumps(plain(value), sort_keys=True)
    return str


def derived_fields(model: type[Model]) -> frozenset[str]:
    """Columns that are reckoned from other rows: another value in them is nobody's edit (`DERIVED_FIELDS`)."""
    return frozenset(getattr(model, "DERIVED_FIELDS", ()))


def whole_of(model: type[Model]) -> str:
    """The column that points to the row of which a row is only a part (`PART_OF`), such as a phone's customer; or ''.

    A part that an import has made stays where its whole, made by the same import, stays.
    """
    name = getattr(model, "PART_OF", "")
    return model._meta.get_field(name).attname if name else ""


def place_columns(model: type[Model]) -> tuple[str, ...]:
    """The columns that say where a row stands if only one can (`PLACE`), such as a lead's order and trade."""
    return tuple(model._meta.get_field(name).attname for name in getattr(model, "PLACE", ()))


def place_of(row: Model) -> tuple[Any, ...]:
    """Where a row stands; () where its model knows no places."""
    return tuple(getattr(row, name) for name in place_columns(type(row)))


def is_derived(model: type[Model]) -> bool:
    """Whether all rows of a table follow from others and may go with them (`IS_DERIVED`), such as search tokens."""
    return bool(getattr(model, "IS_DERIVED", False))
