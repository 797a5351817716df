"""Reads a filtered list page by page so that neither few nor many hits make the engine look at every customer.

Where a table beside the cards holds few rows that fit (bans, cars whose insurance ends), these are taken whole and
sorted here; where it holds many, the cards are walked in their order and each is asked. The engine's own guess
between the two was wrong by a factor of a hundred on a million customers (docs/decisions/0042).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from crm_site.core import paging
from customers.filtering.field import Asked
from customers.filtering.table import Source, parts
from customers.models import Customer

#: up to so many rows of another table are few
FEW = 4_000


@dataclass
class Listing:
    """The customers of `rows` that a query leaves for `user`, in an order of fields ('-created_at')."""

    rows: QuerySet[Customer]
    query: Mapping[str, str]
    today: date
    stores: Sequence[int] = ()
    order: Sequence[str] = ("-created_at",)
    user: Any = None
    _parts: tuple[Q, list[Source]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Read the filters once."""
        self._parts = parts(self.query, Asked(self.today, tuple(self.stores), self.user))

    @cached_property
    def few(self) -> list[int] | None:
        """All keys in the order of the list, where one of the filters alone leaves few; else None."""
        plain, sources = self._parts
        for source in sources:
            if source.alike.order_by()[: FEW + 1].count() <= FEW:
                break
        else:
            return None
        for source in sources:
            plain &= source.has_customer
        names = [name.lstrip("-") for name in self.order]
        found = list(self.rows.filter(plain).order_by().values_list("pk", *names))
        found.sort(key=lambda row: row[0])
        for place, name in reversed(list(enumerate(self.order, start=1))):
            _sort(found, place, descending=name.startswith("-"))
        return [row[0] for row in found]

    @cached_property
    def many(self) -> QuerySet[Customer]:
        """The rows, each asked in turn whether the other tables know of it."""
        plain, sources = self._parts
        rows = self.rows.filter(plain)
        for number, source in enumerate(sources):
            own = source.rows.filter(customer=OuterRef("pk")).order_by().values("pk")[:1]
            rows = rows.alias(**{f"met_{number}": Subquery(own)}).filter(**{f"met_{number}__isnull": False})
        return rows

    def page(self, cursor: str, size: int, dress: Any = None) -> paging.Page:
        """One page; `dress` adds to the rows' query what a page shows of each."""
        dress = dress or (lambda rows: rows)
        if self.few is None:
            return paging.paginate(dress(self.many), order=self.order, cursor=cursor, size=size)
        keys = paging.paginate_keys(self.few, cursor=cursor, size=size)
        known = dress(self.rows.filter(pk__in=keys.rows)).in_bulk()
        rows = [known[key] for key in keys.rows if key in known]
        return paging.Page(rows=rows, next=keys.next, previous=keys.previous)

    def known_count(self, page: paging.Page, cursor: str) -> paging.Count | None:
        """How many there are, where it takes no longer than the page; None where it is to be counted after it.

        A page without neighbours holds all; without a filter the engine reads the first rows and stops.
        """
        if self.few is None and not cursor and not page.has_neighbours:
            return paging.Count(len(page))
        return self.count() if self.few is not None or not self.query else None

    def count(self) -> paging.Count:
        """How many there are, up to paging.COUNT_CAP."""
        if self.few is not None:
            return paging.Count(len(self.few))
        plain, sources = self._parts
        for source in sources:
            plain &= source.has_customer
        return paging.capped_count(self.rows.filter(plain))


def _sort(found: list[tuple], place: int, *, descending: bool) -> None:
    """Sort by one of the values, what has none last, keeping the order of equals; descending ones from the last key."""
    empty = [row for row in found if row[place] is None]
    filled = [row for row in found if row[place] is not None]
    filled.sort(key=lambda row: row[place], reverse=descending)
    found[:] = [*filled, *empty]
