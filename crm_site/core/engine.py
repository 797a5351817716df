"""The engine itself, as administrators see it: its facts, its triggers, its roles, and migrating alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import DEFAULT_DB_ALIAS, connections


def took_too_long(error: BaseException) -> bool:
    """Whether PostgreSQL has ended a statement because it, or its wait for a lock, took longer than allowed."""
    return getattr(error.__cause__, "pgcode", None) in {"57014", "55P03", "25P03"}


def has_roles(*, using: str = DEFAULT_DB_ALIAS) -> bool:
    """Whether the engine knows roles with rights of their own (PostgreSQL); SQLite is a file."""
    return name(using=using) == "postgresql"


def name(*, using: str = DEFAULT_DB_ALIAS) -> str:
    """Which engine it is: postgresql or sqlite."""
    return connections[using].vendor


def version(*, using: str = DEFAULT_DB_ALIAS) -> tuple[int, ...]:
    """The version of the database server, or of the SQLite library."""
    if not has_roles(using=using):
        return sqlite3.sqlite_version_info
    number = int(ask("SHOW server_version_num", using=using))
    return number // 10_000, number % 10_000


def ask(question: str, *, using: str = DEFAULT_DB_ALIAS) -> str:
    """The one value that a question to the engine gives, as text; '' for none."""
    with connections[using].cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
    return "" if row is None or row[0] is None else str(row[0])


def triggers(*, using: str = DEFAULT_DB_ALIAS) -> set[str]:
    """The names of the triggers that are there and at work, in small letters."""
    names = "SELECT lower(name) FROM sqlite_master WHERE type = 'trigger'"
    if has_roles(using=using):
        names = "SELECT lower(tgname) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    with connections[using].cursor() as cursor:
        cursor.execute(names)
        return {name for (name,) in cursor.fetchall()}


def now(*, using: str = DEFAULT_DB_ALIAS) -> datetime:
    """The clock of the database's machine; SQLite has that of this one."""
    if not has_roles(using=using):
        return datetime.now(UTC)
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


@contextmanager
def alone_migrating(*, patience: int, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Keep a second migration of the same database waiting, also one whose client was killed and whose end is near.

    Inside, nothing waits longer than `patience` seconds for a table that others use: everybody who comes after a
    waiting change of a table would wait behind it. On SQLite each migration's transaction keeps all other writers out.
    """
    connection = connections[using]
    if not has_roles(using=using):
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', '0', false)")
        cursor.execute("SELECT pg_advisory_lock(hashtext('huifang migrate'))")
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{patience}s"])
    try:
        yield
    finally:
        if not connection.needs_rollback and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('huifang migrate'))")
                cursor.execute("RESET lock_timeout")
