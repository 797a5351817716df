"""Rows of the archive held in memory while a chunk of a file is compared with them: what was said, what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db.models import Model

from crm_site.audit.trail import plain
from crm_site.imports.rules import Comparison, compare_values

M = TypeVar("M", bound=Model)
#: values of a row as plain JSON
Facts = dict[str, Any]


@dataclass(eq=False)
class Kept(Generic[M]):
    """One row in memory: is it new, what this file has said of it so far, which of its fields are to be written."""

    obj: M
    is_new: bool = False
    said: dict[str, Any] = field(default_factory=dict)
    dirty: set[str] = field(default_factory=set)
    #: what stood in the fields that are dirty, by attname; kept for the journal
    before: dict[str, Any] = field(default_factory=dict)

    def put(self, name: str, value: Any) -> None:
        """Set a field and remember that it is to be written, and what stood there."""
        if not self.is_new:
            attname = self.obj._meta.get_field(name).attname  # type: ignore[union-attr]
            self.before.setdefault(attname, getattr(self.obj, attname))
        setattr(self.obj, name, value)
        self.dirty.add(name)

    def remember(self, facts: Mapping[str, Any]) -> None:
        """Keep what the import said, to tell next time what a person has changed since."""
        source = getattr(self.obj, "source_values")  # noqa: B009 - not every table is importable
        known = {**source, **facts}
        if known != source:
            self.put("source_values", known)


@dataclass(frozen=True)
class Part:
    """Which fields of a file's row stand in which fields of a kept row."""

    kept: Kept[Any]
    names: Mapping[str, str]

    def standing(self, name: str) -> Any:
        """The value that stands, as plain JSON."""
        return plain(getattr(self.kept.obj, self.names[name]))


def unsaid(kept: Kept[Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that no earlier line of this chunk has given; the first line of several about one thing counts."""
    fresh = {name: value for name, value in facts.items() if value not in (None, "", []) and name not in kept.said}
    kept.said |= fresh
    return fresh


def settle(
    parts: list[Part], values: Mapping[str, Any], facts: Mapping[str, Any], source: Mapping[str, Any]
) -> Comparison:
    """Compare facts of a row with what stands in its parts, and set what changes.

    `facts` are plain JSON, `values` the same with their real types, `source` what the last import said.
    """
    home = {name: part for part in parts for name in part.names}
    mine = {name: value for name, value in facts.items() if name in home}
    standing = {name: _untouched(home[name], name, value, source) for name, value in mine.items()}
    found = compare_values(standing, source, mine)
    for name in found.changes:
        part = home[name]
        part.kept.put(part.names[name], values[name])
    return found


def _untouched(part: Part, name: str, said: Any, source: Mapping[str, Any]) -> Any:
    """What stands; a column's default that nobody has chosen counts as empty."""
    standing = part.standing(name)
    column = part.kept.obj._meta.get_field(part.names[name])
    is_default = column.has_default() and standing == plain(column.get_default())
    return None if is_default and name not in source and said != standing else standing


def fill(part: Part, values: Mapping[str, Any], facts: Mapping[str, Any]) -> Comparison:
    """Set only what is empty; what stands is left alone without calling it a conflict."""
    changes = {
        name: [None, value] for name, value in facts.items() if name in part.names and part.standing(name) in (None, "")
    }
    for name in changes:
        part.kept.put(part.names[name], values[name])
    return Comparison(changes, {})


def same(*names: str) -> dict[str, str]:
    """Fields that are called the same in the file's layout and in the table."""
    return {name: name for name in names}
