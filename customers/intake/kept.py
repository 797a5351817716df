"""Rows of the archive held in memory while a chunk of a file is compared with them: what was said, what changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from django.db.models import Model
from django.db.models.base import ModelState

from crm_site.audit.trail import plain
from crm_site.imports.layout import Row
from crm_site.imports.rules import Comparison, compare_values

M = TypeVar("M", bound=Model)
#: values of a row as plain JSON
Facts = dict[str, Any]


class Blank(NamedTuple):
    """What a new row of a table begins with."""

    plain: dict[str, Any]
    #: columns whose default is made anew for each row
    made: dict[str, Callable[[], Any]]
    #: foreign key → its column
    links: dict[str, str]
    #: foreign key → where the other row keeps its key
    keys: dict[str, str]


@cache
def blank(model: type[Model]) -> Blank:
    """The defaults of a table's columns, reckoned once."""
    fields: Any = model._meta.concrete_fields
    made = {field.attname: field.default for field in fields if field.has_default() and callable(field.default)}
    plain_values = {field.attname: field.get_default() for field in fields if field.attname not in made}
    parents = [field for field in fields if field.many_to_one]
    links = {field.name: field.attname for field in parents}
    return Blank(plain_values, made, links, {field.name: field.target_field.attname for field in parents})


def fresh(model: type[M], **values: Any) -> M:
    """A row that is to be written, as its constructor would make it.

    An import makes half a million of them; Django's constructor asks every column anew and takes ten times as long.
    """
    first = blank(model)
    row = model.__new__(model)
    known = row.__dict__ = first.plain.copy()
    parents = {}
    for name, make in first.made.items():
        known[name] = make()
    for name, value in values.items():
        column = first.links.get(name)
        if column is None:
            known[name] = value
        else:
            parents[name] = value
            known[column] = None if value is None else getattr(value, first.keys[name])
    row._state = ModelState()
    row._state.fields_cache = parents
    return row


@dataclass(eq=False, slots=True)
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
    parts: list[Part],
    row: Row,
    facts: Mapping[str, Any],
    source: Mapping[str, Any],
    values: Mapping[str, Any] | None = None,
) -> Comparison:
    """Compare facts of a row with what stands in its parts, and set what changes.

    `facts` are its values as plain JSON, `values` the same with their real types (the row's own unless told),
    `source` is what the last import said. Where a person has said that our value
    stays, the field counts as changed from and to it: so it is remembered and not asked again.
    """
    real = row.values if values is None else values
    home = {name: part for part in parts for name in part.names}
    mine = {name: value for name, value in facts.items() if name in home}
    standing = {name: _untouched(home[name], name, value, source) for name, value in mine.items()}
    found = _agreed(row, compare_values(standing, source, mine, "file" if row.decision == "file" else ""))
    for name in found.changes:
        part = home[name]
        part.kept.put(part.names[name], real[name])
    if row.decision == "ours":
        stay = {name: [ours, ours] for name, (ours, _said) in found.conflicts.items()}
        return Comparison({**found.changes, **stay}, {})
    return found


def _agreed(row: Row, found: Comparison) -> Comparison:
    """Nothing changes but what was shown to whoever confirmed the row; the rest is left as a conflict would be."""
    if row.agreed is None or row.agreed >= found.changes.keys():
        return found
    changes = {name: pair for name, pair in found.changes.items() if name in row.agreed}
    others = {name: pair for name, pair in found.changes.items() if name not in row.agreed}
    return Comparison(changes, {**others, **found.conflicts})


def _untouched(part: Part, name: str, said: Any, source: Mapping[str, Any]) -> Any:
    """What stands; a column's default that nobody has chosen counts as empty."""
    standing = part.standing(name)
    if standing is None or name in source or said == standing:
        return standing
    model: Any = type(part.kept.obj)
    return None if standing == _default(model, part.names[name]) else standing


@cache
def _default(model: type[Model], name: str) -> Any:
    """A column's default as plain JSON, None where it has none."""
    column: Any = model._meta.get_field(name)
    return plain(column.get_default()) if column.has_default() else None


def begin(kept: Kept[Any], names: Mapping[str, str], values: Mapping[str, Any]) -> None:
    """Set the columns of a new row to what the file says of them; an empty cell leaves the column's default."""
    for name, column in names.items():
        if (value := values.get(name)) not in (None, ""):
            setattr(kept.obj, column, value)


def fill(part: Part, values: Mapping[str, Any], facts: Mapping[str, Any]) -> Comparison:
    """Set only what is empty; what stands is left alone without calling it a conflict."""
    changes = {
        name: [None, facts[name]]
        for name in part.names
        if facts.get(name) not in (None, "") and part.standing(name) in (None, "")
    }
    for name in changes:
        part.kept.put(part.names[name], values[name])
    return Comparison(changes, {})


def same(*names: str) -> dict[str, str]:
    """Fields that are called the same in the file's layout and in the table."""
    return {name: name for name in names}
