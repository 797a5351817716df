"""What a room tells of a person and how it forgets them: the shape that settings.PERSONAL_DATA names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True)
class Person:
    """Whose data: the keys of the card and of every card that was merged into it, all of one store.

    `vehicle_ids` are the cars that belong to nobody else (no other card was ever anything to them); `words` what names
    the person in free text and JSON (names, numbers, VINs, plates), longest first.
    """

    store_id: int
    customer_ids: tuple[int, ...]
    vehicle_ids: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    today: date = date.min
    now: datetime | None = None


@dataclass(frozen=True)
class Section:
    """One table of what a room knows: `columns` are (code, label), each row a value for every column.

    `files` are (name in the parcel, key of the stored file) that go along.
    """

    code: str
    title: str | Promise
    columns: Sequence[tuple[str, str | Promise]]
    rows: Sequence[Sequence[Any]]
    files: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True)
class Room:
    """A room's part in the rights of persons: `export` tells everything it holds, `erase` leaves nothing of it.

    `erase` gives what it emptied or removed by kind; it keeps rows that figures are counted from, runs within the
    caller's transaction and is safe to run again. `words` gives what names the person (see Person.words).
    """

    title: str | Promise
    export: Callable[[Person], Sequence[Section]]
    erase: Callable[[Person], dict[str, int]]
    words: Callable[[Person], Iterator[str]] = field(default=lambda _person: iter(()))
