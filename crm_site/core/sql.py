"""The two doors to plain SQL, search for many texts, the token column: all but triggers that depends on the engine."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from io import TextIOBase
from itertools import islice
from operator import attrgetter
from time import sleep
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, models, transaction
from django.db.models.lookups import In

from crm_site.core.triggers import append_only_trigger  # noqa: F401 - landed migrations know it by this address

#: Rows of one INSERT of load_rows on SQLite; keeps a transaction's share of the write lock short.
BATCH = 2_000
#: Seconds after which SQLite's busy handler asks again at the latest, and a little.
ASKED_EVERY = 0.12


# ---- door 1: set-based writing --------------------------------------------------------------------------------------


def insert_select(
    model: type[models.Model], columns: Sequence[str], queryset: models.QuerySet, *, ignore_conflicts: bool = True
) -> int:
    """INSERT INTO model (columns) SELECT … from a queryset; gives the number of rows that were inserted.

    `columns` are field names of `model`, in the order of the queryset's `values_list`. A row that breaks a unique
    constraint is left out (ignore_conflicts) or raises IntegrityError; CHECK and NOT NULL always raise.
    Sort the queryset by the natural key, so that two writers never wait for each other crosswise.
    """
    connection = connections[queryset.db]
    quote = connection.ops.quote_name
    names = [field.column for field in _fields(model, columns)]
    try:
        select, params = queryset.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return 0
    conflict = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    if connection.vendor == "sqlite" and ignore_conflicts:
        # without WHERE, SQLite reads ON CONFLICT as the condition of a join
        select = f"SELECT * FROM ({select}) WHERE true"  # noqa: S608 - compiled by Django
    into = f"{quote(model._meta.db_table)} ({', '.join(map(quote, names))})"
    statement = f"INSERT INTO {into} {select}{conflict}"
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.rowcount


# ---- door 2: bulk loading -------------------------------------------------------------------------------------------


def load_rows(
    target: type[models.Model] | str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    using: str = DEFAULT_DB_ALIAS,
) -> int:
    """Write many rows fast: COPY on PostgreSQL, executemany on SQLite; gives how many.

    `target` is a model (columns are its field names, values are converted by its fields) or a table name (columns and
    values as the database has them). NULL, tab, backslash and line break in text survive. Any broken constraint raises.
    Python-side defaults (`default=`, `auto_now_add`) are not applied: name every column without a database default.
    """
    connection = connections[using]
    fields = [] if isinstance(target, str) else _fields(target, columns)
    names = [field.column for field in fields] or list(columns)
    table = target if isinstance(target, str) else target._meta.db_table
    quote = connection.ops.quote_name
    into = f"{quote(table)} ({', '.join(map(quote, names))})"
    if connection.vendor == "postgresql":
        writers = [_writer(field, connection) for field in fields] or [_copy_value] * len(names)
        return _copy(connection, into, (_copy_line(writers, row) for row in rows))
    convert = [partial(field.get_db_prep_save, connection=connection) for field in fields]
    ready = ([prepare(value) for prepare, value in zip(convert, row, strict=True)] for row in rows) if fields else rows
    return _execute_many(connection, into, len(names), iter(ready))


def insert_rows(rows: Sequence[models.Model], *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Insert new objects of one model and give them their keys, in their order; some times faster than `bulk_create`.

    Call it in a transaction. Their columns hold the keys of their parents already; `pre_save` is not called.
    """
    if not rows:
        return
    model = type(rows[0])
    for row, key in zip(rows, _reserve_keys(model, len(rows), connections[using]), strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, using
    fields = model._meta.concrete_fields
    read = attrgetter(*(field.attname for field in fields))
    load_rows(model, [field.name for field in fields], map(read, rows), using=using)


def _reserve_keys(model: type[models.Model], count: int, connection: Any) -> Sequence[int]:
    """So many keys of a table that nobody else will get; on SQLite the transaction keeps others from writing."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
            cursor.execute(sequence, [table, model._meta.pk.column, count])
            return [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
    return range(last + 1, last + 1 + count)


def update_rows(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]], *, using: str = DEFAULT_DB_ALIAS
) -> None:
    """Set some columns of many rows, each to values of its own; `rows` are (key, *values)."""
    if not rows:
        return
    connection = connections[using]
    fields = _fields(model, [model._meta.pk.name, *columns])
    convert = [partial(field.get_db_prep_save, connection=connection) for field in fields]
    ready = [[prepare(value) for prepare, value in zip(convert, row, strict=True)] for row in rows]
    table, key, *names = map(connection.ops.quote_name, [model._meta.db_table, *(field.column for field in fields)])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            types = ", ".join(f"%s::{field.cast_db_type(connection)}" for field in fields)
            lines = ", ".join([f"({types})"] * len(ready))
            sets = ", ".join(f"{name} = new.{name}" for name in names)
            new = f"(VALUES {lines}) AS new ({', '.join([key, *names])})"
            statement = f"UPDATE {table} SET {sets} FROM {new} WHERE {table}.{key} = new.{key}"  # noqa: S608 - quoted
            cursor.execute(statement, [value for row in ready for value in row])
        else:
            sets = ", ".join(f"{name} = %s" for name in names)
            statement = f"UPDATE {table} SET {sets} WHERE {key} = %s"  # noqa: S608 - names are quoted
            cursor.executemany(statement, [[*row[1:], row[0]] for row in ready])


def _fields(model: type[models.Model], names: Sequence[str]) -> list[Any]:
    """The model's concrete fields of these names; an unknown name raises FieldDoesNotExist."""
    return [model._meta.get_field(name) for name in names]


def _execute_many(connection: Any, into: str, width: int, rows: Iterator[Sequence[Any]]) -> int:
    """Batches of a prepared INSERT."""
    places = ", ".join(["%s"] * width)
    statement = f"INSERT INTO {into} VALUES ({places})"  # noqa: S608 - names are quoted, values are parameters
    written = 0
    with connection.cursor() as cursor:
        while batch := list(islice(rows, BATCH)):
            cursor.executemany(statement, batch)
            written += len(batch)
    return written


def _copy(connection: Any, into: str, lines: Iterator[str]) -> int:
    """COPY … FROM STDIN in text format, streamed."""
    stream = _CopyStream(lines)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f"COPY {into} FROM STDIN", stream, 1 << 16)
    return stream.count


class _CopyStream(TextIOBase):
    """A file that COPY reads: lines are made as they are asked for."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._rest = ""
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        """At least one line while rows remain, about `size` characters; '' at the end."""
        parts, length = [self._rest], len(self._rest)
        self._rest = ""
        wanted = size if size and size > 0 else None
        while wanted is None or length < wanted:
            line = next(self._lines, None)
            if line is None:
                break
            self.count += 1
            parts.append(line)
            length += len(line)
        whole = "".join(parts)
        if wanted is None:
            return whole
        self._rest = whole[wanted:]
        return whole[:wanted]


#: Columns whose values need no conversion by their field before they become text.
_PLAIN_FIELDS = (
    models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.DecimalField,
    models.ForeignKey,
)  # fmt: skip


def _writer(field: Any, connection: Any) -> Callable[[Any], str]:
    """What makes a column's values into COPY's text form."""
    if isinstance(field, models.JSONField):
        return partial(_copy_json, (field.encoder or json.JSONEncoder)(ensure_ascii=False).encode)
    if isinstance(field, _PLAIN_FIELDS):
        return _copy_value
    return lambda value: _copy_value(field.get_db_prep_save(value, connection))


def _copy_json(dumps: Callable[[Any], str], value: Any) -> str:
    """A JSON value in COPY's text form; of the signs that end a value JSON text holds none but the backslash."""
    if value is None:
        return "\\N"
    if not value and isinstance(value, list | dict):  # as most are, and written in the same way by Python
        return str(value)
    return dumps(value).replace("\\", "\\\\")


def _copy_line(writers: Sequence[Callable[[Any], str]], row: Sequence[Any]) -> str:
    return "\t".join([write(value) for write, value in zip(writers, row, strict=True)]) + "\n"


def _copy_value(value: Any) -> str:
    r"""One value in COPY's text format; None is \N."""
    known = _WRITE.get(type(value))
    if known is not None:
        return known(value)
    if isinstance(value, str):
        return _escaped(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return "\\\\x" + bytes(value).hex()
    return _escaped(_adapted(value))


def _escaped(written: str) -> str:
    """Text without what COPY would read as the end of a value; replacing sign by sign is the fastest way."""
    safe = written.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return safe.replace("\x00", "")


def _adapted(value: Any) -> str:
    """UUIDs and numbers as text; psycopg2's Json wrapper (from JSONField) as its JSON text."""
    dumps = getattr(value, "dumps", None)
    return dumps(value.adapted) if dumps else str(value)


_WRITE: dict[type, Callable[[Any], str]] = {
    type(None): lambda _nothing: "\\N",
    str: _escaped,
    int: str,
    bool: str,
    float: str,
    Decimal: str,
    date: date.isoformat,
}


def is_deadlock(error: OperationalError) -> bool:
    """Whether the engine has ended a transaction because two waited for each other: it may simply be tried again."""
    return getattr(error.__cause__, "pgcode", None) == "40P01"


def is_collision(error: OperationalError) -> bool:
    """Whether a transaction came too late for its snapshot (see `one_snapshot`) or into a deadlock: try it again."""
    return is_deadlock(error) or getattr(error.__cause__, "pgcode", None) == "40001"


@contextmanager
def one_snapshot(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """A transaction whose statements all see the same state of the tables; inside another one only that one.

    Where it changes what somebody else has changed meanwhile, it ends with a collision (`is_collision`). On SQLite
    nobody else writes meanwhile.
    """
    connection = connections[using]
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(using=using):
        if is_outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


#: for `favour_counting`: groups of many rows stay in memory instead of being sorted on disk; rows are found by their
#: indexes, for a share of a table that looks big to the planner is still small beside the whole; no time goes into
#: compiling, nor into helpers that would only take the processor from another connection that counts
_COUNTING = {
    "work_mem": "64MB", "enable_hashjoin": "off", "enable_mergejoin": "off", "jit": "off",
    "max_parallel_workers_per_gather": "0",
}  # fmt: skip


def favour_counting(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Until the end of this transaction, plan for one share of big tables after another, counted by many groups."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for name, value in _COUNTING.items():
                cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


def added_up(rows: models.QuerySet, by: Sequence[str], column: str, *more: str) -> list[dict[str, Any]]:
    """Add up a column of a query that groups already, in groups of these groups: `n`, `total` and `squares` of it.

    `by`, `column` and `more`, whose sums are given under their names, are annotations of `rows`. A window over the
    groups says the same by sorting all of them.
    """
    connection = connections[rows.db]
    quote = connection.ops.quote_name
    try:
        select, params = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return []
    one, keys = quote(column), ", ".join(map(quote, by))
    sums = ", ".join([f"COUNT({one})", f"SUM({one})", f"SUM({one} * {one})", *(f"SUM({quote(name)})" for name in more)])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {keys}, {sums} FROM ({select}) AS grouped GROUP BY {keys}", params)  # noqa: S608 - quoted
        names = [*by, "n", "total", "squares", *more]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def let_others_write(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Call between long transactions of one job: on SQLite, which has one writer, leave the others time to get in.

    Who waits there asks again every 0.1 s; a job that begins its next transaction at once would keep them out until
    its end.
    """
    if connections[using].vendor == "sqlite":
        sleep(ASKED_EVERY)


def size(*, using: str = DEFAULT_DB_ALIAS) -> int:
    """How many bytes the database takes on disk."""
    on_postgres = connections[using].vendor == "postgresql"
    of_file = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())" if on_postgres else of_file)
        return cursor.fetchone()[0]


def refresh_statistics(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Let the engine look at its tables (ANALYZE): until then it plans for tables filled in bulk as if still empty."""
    with connections[using].cursor() as cursor:
        cursor.execute("ANALYZE")


# ---- search for many texts ------------------------------------------------------------------------------------------


@models.CharField.register_lookup
class AnyOf(In):
    """`vin__any_of=vins`: what `__in` means, for thousands of texts; PostgreSQL gets them as one array.

    Django asks each value of an `__in` half a dozen questions, which takes longer than the search itself.
    """

    lookup_name = "any_of"

    def get_prep_lookup(self) -> list[str]:
        return list(self.rhs)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        if not self.rhs:
            raise EmptyResultSet
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*params, self.rhs]


# ---- the token column -----------------------------------------------------------------------------------------------

_BYTEWISE = {"postgresql": "C", "sqlite": "BINARY"}


class TokenField(models.CharField):
    """Text compared byte by byte on both engines, so that `token >= x AND token < next(x)` is an index range."""

    def db_parameters(self, connection: Any) -> dict:
        parameters = super().db_parameters(connection)
        parameters["collation"] = _BYTEWISE.get(connection.vendor)
        return parameters


def prefix_range(prefix: str) -> tuple[str, str]:
    """The half-open range [low, high) of texts that begin with `prefix`, in byte order; '' is not allowed."""
    if not prefix:
        raise ValueError("an empty prefix has no upper bound")
    last = ord(prefix[-1])
    following = 0xE000 if last == 0xD7FF else last + 1  # surrogates are not text
    if following > 0x10FFFF:
        raise ValueError("no character follows the last one of this prefix")
    return prefix, prefix[:-1] + chr(following)
