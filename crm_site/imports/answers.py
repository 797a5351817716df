"""What has been said of a file, now or of an earlier one of the same source, as the reading of it obeys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_site.imports.models import ImportBatch, KnownSource

#: The parts that hold for the next file of the same source too.
LASTING = ("columns", "values", "employee", "date_order", "amounts")


class Answers:
    """The answers of a batch, and of the sources that its store knows, by one query."""

    def __init__(self, batch: ImportBatch) -> None:
        self.all: dict[str, Any] = dict(batch.answers)
        self._kept: dict[str, KnownSource] = {}
        for one in KnownSource.objects.filter(store_id=batch.store_id).order_by("used_at"):
            if batch.layout in ("", one.layout):
                self._kept[one.signature] = one
        #: key of the known source that this file is of
        self.source: int | None = None

    @property
    def sources(self) -> dict[str, tuple[str, Mapping[str, str]]]:
        """Signature → layout and what was said of the columns."""
        return {mark: (one.layout, one.answers.get("columns", {})) for mark, one in self._kept.items()}

    @property
    def columns(self) -> dict[str, str]:
        """Title → field, as said of this file."""
        return self.all.get("columns", {})

    @property
    def amounts(self) -> str:
        """How amounts of several lines are taken: 'sum', 'header', '' for as they look."""
        return self.all.get("amounts", "")

    @property
    def taken(self) -> list[str]:
        """Sheets that are to be read although they are hidden."""
        return [name for name, said in self.all.get("sheets", {}).items() if said.get("take") is True]

    @property
    def left(self) -> list[str]:
        """Sheets that are not to be read although they are visible."""
        return [name for name, said in self.all.get("sheets", {}).items() if said.get("take") is False]

    def sheet(self, name: str) -> dict[str, Any]:
        """What was said of a sheet."""
        return self.all.get("sheets", {}).get(name, {})

    def recall(self, signature: str, layout: str) -> bool:
        """Take over what is kept of a header; what was said of this very file goes first. Whether anything was kept."""
        kept = self._kept.get(signature)
        if kept is None or kept.layout != layout:
            return False
        self.source = kept.pk
        self.all = merged(kept.answers, self.all)
        return True


def merged(kept: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Kept answers with new ones on top: by title, by name, and by word within each field."""
    result = dict(said)
    for key in LASTING:
        old, new = kept.get(key), said.get(key)
        if old is None or isinstance(new, str):
            continue
        if new is None:
            result[key] = old
        elif key == "values":
            result[key] = {name: {**old.get(name, {}), **new.get(name, {})} for name in {*old, *new}}
        elif isinstance(old, dict):
            result[key] = {**old, **new}
    return result


def lasting(said: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a batch's answers that is kept for the next file."""
    return {key: said[key] for key in LASTING if said.get(key)}
