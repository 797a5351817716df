"""Writes the rows of some stores once more for other stores, inside PostgreSQL, by what the models say of their keys.

A store's archive drawn in Python takes minutes; its copies, each with other numbers and plates, take seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import connection, models

#: as many statements at once as the machine has processors for
AT_ONCE = 2
#: other digits in their place; those by which a mobile number begins stay, so that it still is one
SHUFFLED = ("02467", ("20647", "46702", "64270", "72046", "27604", "40726", "67420", "70264", "06742"))

Model = type[models.Model]


def side_by_side(jobs: Iterable[Callable[[], Any]]) -> None:
    """Do them all, some at once, each on a line of its own to the database; raises what one raises."""

    def done(job: Callable[[], Any]) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET session_replication_role = replica")  # foreign keys hold by what is written
                cursor.execute("SET maintenance_work_mem = '1GB'")
                cursor.execute("SET work_mem = '256MB'")
            job()
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for waited in [pool.submit(done, job) for job in jobs]:
            waited.result()


def execute(statement: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> int:
    """Run one statement; gives the rows that it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


def insert(
    model: Model, columns: Mapping[str, str], source: str, values: Mapping[str, Any], fixed: Mapping[str, Any]
) -> int:
    """INSERT … SELECT with `columns` as SQL, everything else `fixed` or the model's default; gives the rows written."""
    plain = model(**fixed)
    others = [one for one in model._meta.concrete_fields if one.column not in columns and not one.primary_key]
    ready = {
        f"_{one.column}": one.get_db_prep_save(getattr(plain, one.attname), connection=connection) for one in others
    }
    names = ", ".join(f'"{name}"' for name in [*columns, *(one.column for one in others)])
    sources = ", ".join([*columns.values(), *(f"%({name})s" for name in ready)])
    return execute(
        f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {sources} {source}',
        {**values, **ready},
    )


@contextmanager
def without_indexes(tables: Sequence[Model]) -> Iterator[None]:
    """Write many rows first; their indexes, unique constraints and statistics afterwards, table by table."""
    dropped = {model: _drop_indexes(model._meta.db_table) for model in tables}
    yield
    side_by_side(partial(_finish, model._meta.db_table, made) for model, made in dropped.items())


def _drop_indexes(table: str) -> list[str]:
    """Drop all but the key of a table; gives the statements that make them again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass "
            "AND contype = 'u'",
            [table],
        )
        unique = cursor.fetchall()
        for name, _definition in unique:
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN "
            "(SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)",
            [table, table],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    again = [f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}' for name, definition in unique]
    return [*(definition for _name, definition in indexes), *again]


def _finish(table: str, indexes: Sequence[str]) -> None:
    execute(f'VACUUM (ANALYZE) "{table}"')
    for definition in indexes:
        execute(definition)


@dataclass
class Copies:
    """What is to be copied: the models, parents first, and for how many stores there are rows already.

    `computed`: columns that are neither a key nor the same: {model: {column: SQL with {name} for the shift of a
    model's keys}}. `spelled`: columns whose digits become others.
    """

    tables: Sequence[Model]
    stores: int
    computed: Mapping[Model, Mapping[str, str]] = field(default_factory=dict)
    spelled: Mapping[Model, Sequence[str]] = field(default_factory=dict)
    spans: dict[Model, int] = field(default_factory=dict)

    def measure(self) -> None:
        """Look how many keys there are: a copy's keys begin behind those."""
        with connection.cursor() as cursor:
            for model in self.tables:
                cursor.execute(f'SELECT coalesce(max(id), 0) FROM "{model._meta.db_table}"')
                self.spans[model] = cursor.fetchone()[0]

    def write(self, model: Model, copies: int) -> int:
        """All copies of one table, the first copy being what is there; gives the rows written."""
        written = sum(execute(self.statement(model, number)) for number in range(1, copies))
        execute(f"SELECT setval(pg_get_serial_sequence('{model._meta.db_table}', 'id'), %s)", [
            max(1, self.spans[model] * copies)
        ])  # fmt: skip
        return written

    def statement(self, model: Model, number: int) -> str:
        """One copy of one table."""
        fields = model._meta.concrete_fields
        names = ", ".join(f'"{one.column}"' for one in fields)
        sources = ", ".join(self._source(model, one, number) for one in fields)
        table, last = model._meta.db_table, self.spans[model]
        return f'INSERT INTO "{table}" ({names}) SELECT {sources} FROM "{table}" WHERE id <= {last}'

    def _source(self, model: Model, one: Any, number: int) -> str:
        column, shifts = f'"{one.column}"', {name.__name__: span * number for name, span in self.spans.items()}
        shifts["Store"] = self.stores * number
        if one.column in self.computed.get(model, {}):
            return self.computed[model][one.column].format(**shifts)
        if one.column in self.spelled.get(model, ()):
            plain, others = SHUFFLED
            return f"translate({column}, '{plain}', '{others[(number - 1) % len(others)]}')"
        if isinstance(one, models.UUIDField):
            return f"CASE WHEN {column} IS NOT NULL THEN gen_random_uuid() END"
        kin = one.related_model if one.is_relation else model if one.primary_key else None
        shift = shifts.get(kin.__name__, 0) if kin is not None else 0
        return f"{column} + {shift}" if shift else column
