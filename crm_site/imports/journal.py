"""What one transaction of an import makes and changes, noted by the layouts and kept for undo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from crm_site.audit.trail import plain
from crm_site.imports.models import AppliedChunk, ImportBatch


class Journal:
    """The notes of one chunk. A layout's `apply` notes every row that it writes, in the order of writing."""

    def __init__(self) -> None:
        self._created: dict[str, list[int]] = defaultdict(list)
        self._updated: dict[str, dict[str, dict[str, list[Any]]]] = defaultdict(dict)

    def made(self, rows: Iterable[Model]) -> None:
        """Note rows that were just inserted (they have their keys)."""
        for row in rows:
            self._created[row._meta.label_lower].append(row.pk)

    def changed(self, row: Model, before: Mapping[str, Any]) -> None:
        """Note fields of a row that stood before; `before` are the old values, the new ones are read from the row.

        Fields are named as on the model, a foreign key by its attname (`vehicle_id`). The first old value counts.
        """
        fields = self._updated[row._meta.label_lower].setdefault(str(row.pk), {})
        for name, old in before.items():
            first = fields[name][0] if name in fields else plain(old)
            fields[name] = [first, plain(getattr(row, name))]

    def keep(self, batch: ImportBatch, now: datetime) -> None:
        """Write the notes as the batch's next chunk, in the chunk's own transaction; nothing noted, nothing written."""
        if not self._created and not self._updated:
            return
        number = AppliedChunk.objects.filter(batch=batch).count() + 1
        AppliedChunk.objects.create(
            batch=batch, number=number, at=now, created=dict(self._created), updated=dict(self._updated)
        )
