"""The physical limit of an import: the fastest reader, then COPY and INSERT … ON CONFLICT of rows made ready before.

What an import has written is taken out as text, outside the clock, and written once more for another store: the same
rows into the same tables with the same indexes and foreign keys, without any work of ours between them.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction
from python_calamine import CalamineWorkbook

from bench._orders import HEADER
from crm_site.accounts.models import Store
from crm_site.imports.models import ImportBatch, StagedRow
from customers.models import Contact, Customer, Phone, RepairOrder, SearchToken, Vehicle, VehicleRole, Workmanship

#: parents before their children
TABLES: tuple[type[models.Model], ...] = (
    Customer, Vehicle, Contact, Phone, VehicleRole, RepairOrder, Workmanship, SearchToken,
)  # fmt: skip
STAGED = (
    "batch_id",
    "sheet",
    "row",
    "chunk",
    "raw",
    "clean",
    "findings",
    "verdict",
    "changes",
    "target_type",
    "applied",
)
#: added to every key, so that the copies stand beside the originals
SHIFT = 1_000_000_000


def read_and_stage(path: Path, copy: ImportBatch) -> float:
    """Seconds to read the file and to write each row as it is, once as raw and once as clean cells of a staged row."""
    with _stopwatch() as seconds, transaction.atomic():
        _load(StagedRow, _staged(path, copy), STAGED)
    return seconds[0]


def _staged(path: Path, copy: ImportBatch) -> io.StringIO:
    """The file's rows as COPY takes them."""
    dumps = json.JSONEncoder(ensure_ascii=False, default=str).encode
    book, lines = CalamineWorkbook.from_path(str(path)), []
    for name in book.sheet_names:
        for number, cells in enumerate(book.get_sheet_by_name(name).iter_rows(), start=1):
            raw = dumps(cells).replace("\\", "\\\\")
            clean = dumps(dict(zip(HEADER, cells, strict=True))).replace("\\", "\\\\")
            lines.append(f"{copy.pk}\t{name}\t{number}\t1\t{raw}\t{clean}\t[]\tnew\t{{}}\t\tf\n")
    return io.StringIO("".join(lines))


def apply(store: Store, batch: ImportBatch, copy: ImportBatch) -> float:
    """Seconds to write once more, for another store, all that the batch's store has, and to mark the staged rows."""
    texts = [(table, _dump(table, {"store_id": str(copy.store_id)}, f"store_id = {store.pk}")) for table in TABLES]
    marks = _dump(StagedRow, {"batch_id": str(copy.pk)}, f"batch_id = {batch.pk}", names=("row", "target_id"))
    with _stopwatch() as seconds, transaction.atomic(), connection.cursor() as cursor:
        for table, text in texts:
            _load(table, text)
        cursor.execute("CREATE TEMP TABLE marks (line bigint, target bigint) ON COMMIT DROP")
        cursor.copy_expert("COPY marks FROM STDIN", marks)
        cursor.execute(
            "UPDATE imports_stagedrow SET applied = true, target_id = marks.target "
            "FROM marks WHERE batch_id = %s AND row = marks.line",
            [copy.pk],
        )
    return seconds[0]


def _dump(table: type[models.Model], fixed: dict[str, str], where: str, names: Sequence[str] = ()) -> io.StringIO:
    """Rows of a table in COPY's text form, their keys and those of their parents shifted."""
    fields: list[Any] = [field for field in table._meta.concrete_fields if not names or field.column in names]
    chosen = ", ".join(fixed.get(field.column, f"{field.column}{_shift(field)}") for field in fields)
    text = io.StringIO()
    with connection.cursor() as cursor:
        query = f"SELECT {chosen} FROM {table._meta.db_table} WHERE {where} ORDER BY id"
        cursor.copy_expert(f"COPY ({query}) TO STDOUT", text)
    text.seek(0)
    return text


def _shift(field: Any) -> str:
    is_ours = field.primary_key or field.related_model in TABLES or field.column == "target_id"
    return f" + {SHIFT}" if is_ours else ""


def _load(table: type[models.Model], text: io.StringIO, names: Sequence[str] = ()) -> None:
    """COPY into a table without indexes, then INSERT … ON CONFLICT into the real one."""
    name, columns = table._meta.db_table, ", ".join(names or [field.column for field in table._meta.concrete_fields])
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE load AS SELECT {columns} FROM {name} LIMIT 0")
        cursor.copy_expert(f"COPY load ({columns}) FROM STDIN", text)
        insert = f"INSERT INTO {name} ({columns}) SELECT {columns} FROM load"
        cursor.execute(f"{insert} ON CONFLICT DO NOTHING")
        cursor.execute("DROP TABLE load")


@contextmanager
def _stopwatch() -> Iterator[list[float]]:
    seconds: list[float] = []
    started = time.monotonic()
    yield seconds
    seconds.append(time.monotonic() - started)
