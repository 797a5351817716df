"""What a room tells of a person and how it forgets them: the shapes that settings.PERSONAL_DATA names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise

#: what stands where something of a person stood
GONE = "已匿名"
#: what a text in JSON may look like and stay: a code, a level, a day or a moment
_CODE = re.compile(r"[a-z][a-z_]{0,39}|L[1-4]|\d{4}-\d\d-\d\d(T[\d:.+Z-]*)?|")
_WORDS_AT_ONCE = 50
#: columns that say nothing of a person: how rows hang together and who of ours wrote them
_TECHNICAL = frozenset({"store", "version", "submission", "batch", "batch_id"})


def unheard() -> None:
    """Nobody waits for a sign of life."""


@dataclass(frozen=True)
class Person:
    """Whose data: the keys of a card and of every card that was merged into it, all of one store.

    `vehicle_ids` are all their cars, `own_vehicle_ids` those that are nobody else's; `words` are the numbers that lead
    to the person wherever they stand (telephones, VINs, plates, customer and identity numbers, mail addresses); `keys`
    are the keys of every row about them by table ("customers.phone"), for what points to rows by name and number.
    `still` is called before each long step, so that whoever waits for its end knows that it goes on.
    """

    store_id: int
    customer_ids: tuple[int, ...]
    vehicle_ids: tuple[int, ...] = ()
    own_vehicle_ids: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    keys: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    today: date = date.min
    now: datetime | None = None
    still: Callable[[], object] = field(default=unheard, compare=False, repr=False)

    def names(self, label: str = "target_type", key: str = "target_id") -> Q:
        """Rows that point to one of the person's by a table's name and a key."""
        found = Q(pk__in=())
        for table, keys in self.keys.items():
            found |= Q(**{label: table, f"{key}__in": keys})
        return found

    def owns(self, customer: str = "customer", vehicle: str = "vehicle") -> Q:
        """Rows of one of the cards, and rows of one of the cars of nobody else that name no card."""
        of_car = Q(**{f"{customer}__isnull": True, f"{vehicle}__in": self.own_vehicle_ids})
        return Q(**{f"{customer}__in": self.customer_ids}) | of_car


@dataclass(frozen=True)
class Section:
    """One table of what a room knows: the codes of its columns, and each row's values in their order.

    `files` are (name in the parcel, stored file) that go along.
    """

    code: str
    title: str | Promise
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    files: Sequence[tuple[str, Any]] = ()


@dataclass(frozen=True)
class Room:
    """A room's part in the rights of persons: `export` tells everything that it holds, `erase` leaves nothing of it.

    `erase` gives how many rows it emptied or removed, by table; it keeps the rows that figures are counted from, runs
    within the caller's transaction and is safe to run again. `words` gives the numbers for Person.words, `tables` are
    those that it answers for ("customers.phone").
    """

    title: str | Promise
    export: Callable[[Person], Sequence[Section]]
    erase: Callable[[Person], dict[str, int]]
    words: Callable[[Person], Iterator[str]] = field(default=lambda _person: iter(()))
    tables: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Holding:
    """The rows of one table that are about a person, and what becomes of them when the person is forgotten.

    `rows` says which; `gone` gives for a column what stands there afterwards, a value or a function of the row, and
    leaves what is empty alone; `forgets` narrows to the rows to be forgotten where others may be read as well;
    `dropped` removes the rows. `words` names the columns that hold numbers for Person.words.
    """

    model: str
    title: str | Promise
    rows: Callable[[Person], Q]
    gone: Mapping[str, Any] = field(default_factory=dict)
    forgets: Callable[[Person], Q] | None = None
    dropped: bool = False
    words: Sequence[str] = ()

    def found(self, person: Person) -> models.QuerySet:
        """The rows about the person."""
        model = apps.get_model(self.model)
        return model._default_manager.filter(self.rows(person)).order_by("pk").distinct()

    def forgettable(self, person: Person) -> models.QuerySet:
        """Those of them that are nobody else's."""
        found = self.found(person)
        return found.filter(self.forgets(person)) if self.forgets else found

    def section(self, person: Person) -> Section | None:
        """The rows with every column that says something of the person; None where there is no row."""
        rows = list(self.found(person))
        if not rows:
            return None
        fields = [one for one in rows[0]._meta.concrete_fields if one.name not in _TECHNICAL]
        told = [[_said(row, one) for one in fields] for row in rows]
        return Section(self.model.lower(), self.title, [one.name for one in fields], told)

    def forget(self, person: Person) -> int:
        """Empty or remove the rows; gives how many there were."""
        keys = list(self.forgettable(person).values_list("pk", flat=True))
        rows = apps.get_model(self.model)._base_manager.filter(pk__in=keys)
        if self.dropped:
            rows.delete()
            return len(keys)
        return sum(self._empty(row) for row in rows)

    def _empty(self, row: models.Model) -> int:
        """Put what stands afterwards into the columns that hold something else; 1 where anything changed."""
        values = {name: _after(row, name, value) for name, value in self.gone.items() if _holds(row, name)}
        changed = {name: value for name, value in values.items() if value != getattr(row, name)}
        return type(row)._base_manager.filter(pk=row.pk).update(**changed) if changed else 0


def room(title: str | Promise, holdings: Sequence[Holding]) -> Room:
    """A room that is nothing but its tables."""

    def export(person: Person) -> list[Section]:
        return [section for one in holdings if (section := one.section(person))]

    def erase(person: Person) -> dict[str, int]:
        return {one.model.lower(): count for one in holdings if (count := one.forget(person))}

    def words(person: Person) -> Iterator[str]:
        for one in holdings:
            for values in one.forgettable(person).values_list(*one.words) if one.words else ():
                yield from (value for value in values if value)

    return Room(title, export, erase, words, frozenset(one.model.lower() for one in holdings))


def without_words(_row: Any, value: Any) -> Any:
    """JSON with its shape, numbers, codes and days kept, and every other text replaced; for `Holding.gone`."""
    if isinstance(value, str):
        return value if _CODE.fullmatch(value) else GONE
    if isinstance(value, list):
        return [without_words(_row, one) for one in value]
    if isinstance(value, dict):
        return {without_words(_row, key): without_words(_row, one) for key, one in value.items()}
    return value


def naming(model: str, field_names: Sequence[str], words: Sequence[str], *, within: Q | None = None) -> Q:
    """The rows of a table (`within`: among which) in whose text or JSON one of the words stands, as written or escaped.

    Looked for a few words at a time: a fleet has hundreds, and an engine takes only so long a condition.
    """
    forms = sorted({form for word in words for form in (word, json.dumps(word)[1:-1])})
    keys: set[int] = set()
    for start in range(0, len(forms), _WORDS_AT_ONCE):
        found = Q(pk__in=())
        for name in field_names:
            for form in forms[start : start + _WORDS_AT_ONCE]:
                found |= Q(**{f"{name}__icontains": form})
        keys.update(apps.get_model(model)._base_manager.filter(within or Q(), found).values_list("pk", flat=True))
    return Q(pk__in=keys)


def _holds(row: models.Model, name: str) -> bool:
    return getattr(row, name) not in (None, "", {}, [])


def _after(row: models.Model, name: str, value: Any) -> Any:
    return value(row, getattr(row, name)) if callable(value) else value


def _said(row: models.Model, column: models.Field) -> Any:
    """A column's value as a person reads it: the word of a choice, the name behind a key of ours, plain JSON else."""
    if column.is_relation:
        target = column.related_model._meta.label_lower
        return str(getattr(row, column.name) or "") if target in _NAMED else getattr(row, column.attname)
    if column.choices:
        return str(getattr(row, f"get_{column.name}_display")())
    return getattr(row, column.attname)


#: what a key is told by; any other by its number
_NAMED = frozenset({"accounts.employee", "accounts.store"})
