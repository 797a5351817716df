"""Queries that Django puts together once and that are asked many times, each time with other values.

Nearly all that a small query costs the web process is putting its SQL together: reading one employee takes 0.65 ms,
asked again as a compiled query 0.11; the line of calls 3.7 and 0.2 (docs/decisions/0056-compiled-queries.md). For what
every request or every call asks, and for nothing else. Only this module reaches into Django's compiler.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import update_wrapper
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row")
#: how many shapes of one query a connection keeps; the one asked longest ago goes first
KEPT = 32
#: where a connection keeps them: they belong to one thread, and end with it
PLACE = "compiled_queries"
#: a list with more members is asked by a query of its own, which is not kept
MANY = 256


class Given(Value):
    """Stands in a queryset for a value that is known only when the query is asked; of a list, for one member."""

    def __init__(self, sample: Any, name: str, member: int | None = None) -> None:
        super().__init__(sample)
        self.name, self.member = name, member

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        """The place of the value, itself in the place of the parameter."""
        return super().as_sql(compiler, connection)[0], [self]

    def out_of(self, given: dict[str, Any], connection: BaseDatabaseWrapper) -> Any:
        """The value as the database takes it."""
        value = given[self.name] if self.member is None else given[self.name][self.member]
        return self.output_field.get_db_prep_value(value, connection=connection)


class Compiled(Generic[Row]):
    """What `compiled` makes of a function that builds a queryset."""

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._build = build
        update_wrapper(self, build)

    def __call__(self, *shape: Hashable, **given: Any) -> list[Row]:
        """The rows, as the queryset would give them now.

        `shape`: what decides how the query looks, and is asked for with few different values (roles, days, what is
        None). `given`: keys, moments, texts, or lists of them for `__in`. Raises TypeError for None among the given or
        in a list of them, and for one that the query does not ask for.
        """
        given = {name: _filled_up(value) if isinstance(value, list) else value for name, value in given.items()}
        key = (shape, *(_look_of(name, value) for name, value in given.items()))
        if any(isinstance(value, list) and len(value) > MANY for value in given.values()):
            return list(self._build(*shape, **given))
        connection = connections[DEFAULT_DB_ALIAS]
        made: dict[Hashable, _Shape[Row]] = vars(connection).setdefault(PLACE, {}).setdefault(self, {})
        asked = made.pop(key, None) or self._put_together(shape, given)
        made[key] = asked
        if len(made) > KEPT:
            del made[next(iter(made))]
        return asked.rows(given, connection)

    def _put_together(self, shape: tuple[Hashable, ...], given: dict[str, Any]) -> _Shape[Row]:
        stand_ins = {name: _stand_in(name, value) for name, value in given.items()}
        return _Shape(self._build(*shape, **stand_ins), given)


def compiled(build: Callable[..., QuerySet[Any, Row]]) -> Compiled[Row]:
    """Ask the queryset that a function builds without building it every time; see Compiled for its arguments.

    The function sees stand-ins for the given values: it puts each of them into the queryset, and decides nothing by
    them. A relation is named with its key in lists (`order__pk__in=orders`).
    """
    return Compiled(build)


class _Shape(Generic[Row]):
    """One query put together on one connection."""

    def __init__(self, rows: QuerySet[Any, Row], given: dict[str, Any]) -> None:
        if rows._prefetch_related_lookups:
            raise TypeError("a compiled query fetches nothing else beforehand")
        self._rows, self._compiler = rows, rows.query.get_compiler(using=DEFAULT_DB_ALIAS)
        try:
            self._sql, self._params = self._compiler.as_sql()
        except EmptyResultSet:
            self._sql, self._params = "", ()
        else:
            used = {one.name for one in self._params if isinstance(one, Given)}
            _check_use(used, [name for name, value in given.items() if value != []])
        rows.query.get_compiler = lambda *_args, **_kwargs: self._compiler  # type: ignore[method-assign]

    def rows(self, given: dict[str, Any], connection: BaseDatabaseWrapper) -> list[Row]:
        """Ask once more."""
        if self._rows.query.select_for_update and connection.get_autocommit():  # Django says so, but only once
            raise TransactionManagementError("rows can be locked only within a transaction")
        params = tuple(one.out_of(given, connection) if isinstance(one, Given) else one for one in self._params)
        self._compiler.as_sql = lambda *_args, **_kwargs: (self._sql, params)  # type: ignore[method-assign]
        return list(self._rows._iterable_class(self._rows))


def _filled_up(members: list[Any]) -> list[Any]:
    """The same members, the last repeated until there are 1, 2, 4, 8 …: few lengths make few shapes."""
    length = 1 << (len(members) - 1).bit_length() if members else 0
    return members + members[-1:] * (length - len(members))


def _look_of(name: str, value: Any) -> Hashable:
    """What the SQL depends on of a given value: its type, and how many members a list has."""
    members = value if isinstance(value, list) else [value]
    if any(member is None for member in members):
        raise TypeError(f"“{name}” has a None, which SQL asks in other words: make it a matter of the shape")
    return name, isinstance(value, list), tuple(type(member) for member in members)


def _check_use(used: set[str], given: Iterable[str]) -> None:
    if unused := set(given) - used:
        raise TypeError(f"{sorted(unused)} given, but not in the query: what was done with it was done only once")


def _stand_in(name: str, value: Any) -> Given | list[Given]:
    if isinstance(value, list):
        return [Given(one, name, number) for number, one in enumerate(value)]
    return Given(value, name)
