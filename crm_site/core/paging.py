"""Pages of big lists without OFFSET and without counting to the end: keyset cursors and capped counts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.utils.crypto import salted_hmac

PAGE_SIZE = 50
COUNT_CAP = 10_000

_CURSOR = re.compile(r"([nb])(\d{1,18})(?:-([0-9a-f]{16}))?")


@dataclass(frozen=True)
class Page:
    """One page of rows with the cursors of its neighbours ('' where there is none)."""

    rows: list[Any] = field(default_factory=list)
    next: str = ""
    previous: str = ""

    def __iter__(self):
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def has_neighbours(self) -> bool:
        """Whether a pager is worth showing."""
        return bool(self.next or self.previous)


@dataclass(frozen=True)
class Count:
    """A number of rows, exact up to a cap: `str()` gives '1,234' or '10,000+'."""

    number: int
    capped: bool = False

    def __str__(self) -> str:
        return f"{self.number:,}{'+' if self.capped else ''}"

    def __bool__(self) -> bool:
        return self.number > 0


def capped_count(queryset: QuerySet, cap: int = COUNT_CAP) -> Count:
    """How many rows, without looking at more than `cap` + 1 of them."""
    number = queryset.order_by()[: cap + 1].count()
    return Count(min(number, cap), capped=number > cap)


def paginate(queryset: QuerySet, *, order: Sequence[str], cursor: str = "", size: int = PAGE_SIZE) -> Page:
    """The page behind a cursor: `order` names fields or annotations ('-due_on'), the primary key breaks ties.

    A cursor is a direction, a row's id and our seal ('n123-…': after it, 'b123-…': before it), so it holds no personal
    data; the row's sort values are looked up again. A row that has left the list since (claimed, closed) still marks
    its place, by a seal alone: a number that somebody made up would tell where a row stands that they may not see.
    An unknown or vanished cursor gives the first page.
    """
    keys = [
        *(_Key.of(name, queryset) for name in order if name.lstrip("-") not in ("pk", "id")),
        _Key("pk", False, False),
    ]
    backwards, boundary = _boundary(queryset, keys, cursor)
    rows = queryset.order_by(*(key.ordering(backwards=backwards) for key in keys))
    if boundary is not None:
        rows = rows.filter(_beyond(keys, boundary, backwards=backwards))
    found = list(rows[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page()
    return Page(
        rows=found,
        next=_cursor("n", queryset, found[-1].pk) if (more or backwards) else "",
        previous=_cursor("b", queryset, found[0].pk) if (more if backwards else boundary is not None) else "",
    )


def paginate_keys(keys: Sequence[int], *, cursor: str = "", size: int = PAGE_SIZE) -> Page:
    """A page of a list of keys that is known as a whole, with cursors as `paginate` has them; its rows are keys."""
    match = _CURSOR.fullmatch(cursor)
    start, end = 0, size
    if match and int(match[2]) in keys:
        place = keys.index(int(match[2]))
        start, end = (max(place - size, 0), place) if match[1] == "b" else (place + 1, place + 1 + size)
    shown = list(keys[start:end])
    return Page(
        rows=shown,
        next=f"n{shown[-1]}" if shown and end < len(keys) else "",
        previous=f"b{shown[0]}" if shown and start > 0 else "",
    )


@dataclass(frozen=True)
class _Key:
    """One sort key; NULL sorts last on both engines."""

    name: str
    descending: bool
    nullable: bool

    @classmethod
    def of(cls, written: str, queryset: QuerySet) -> "_Key":
        name = written.lstrip("-")
        return cls(name, written.startswith("-"), _is_nullable(name, queryset))

    def ordering(self, *, backwards: bool) -> OrderBy:
        """The ORDER BY term, reversed when walking back."""
        nulls = {"nulls_first" if backwards else "nulls_last": True} if self.nullable else {}
        return OrderBy(F(self.name), descending=self.descending != backwards, **nulls)

    def equal(self, value: Any) -> Q:
        """The same value (or NULL as well)."""
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def beyond(self, value: Any, *, backwards: bool) -> Q | None:
        """Strictly further in walking direction; None when nothing can be."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if backwards else None
        compare = "lt" if self.descending != backwards else "gt"
        further = Q(**{f"{self.name}__{compare}": value})
        if self.nullable and not backwards:
            further |= Q(**{f"{self.name}__isnull": True})
        return further


def _is_nullable(name: str, queryset: QuerySet) -> bool:
    """Whether a sort key can be NULL; annotations and joined fields are taken to be."""
    try:
        return bool(queryset.model._meta.get_field(name).null)
    except FieldDoesNotExist:
        return True


def _cursor(direction: str, queryset: QuerySet, pk: Any) -> str:
    """A direction and a row that was shown, sealed."""
    seal = salted_hmac("crm_site.core.paging", f"{queryset.model._meta.label}:{pk}").hexdigest()[:16]
    return f"{direction}{pk}-{seal}"


def _boundary(queryset: QuerySet, keys: list[_Key], cursor: str) -> tuple[bool, tuple | None]:
    """Direction and sort values of the row that a cursor names; (False, None) for the first page."""
    match = _CURSOR.fullmatch(cursor)
    if not match:
        return False, None
    names = [key.name for key in keys]
    candidates = queryset.order_by().filter(pk=int(match[2])).values_list(*names)
    boundary = candidates.first()
    if boundary is None and match[0] == _cursor(match[1], queryset, match[2]) and not queryset.query.annotations:
        boundary = queryset.model._base_manager.filter(pk=int(match[2])).values_list(*names).first()
    return (match[1] == "b", boundary) if boundary is not None else (False, None)


def _beyond(keys: list[_Key], boundary: tuple, *, backwards: bool) -> Q:
    """The rows after (or before) the boundary in lexicographic order of the keys."""
    condition, equal_so_far = Q(pk__in=[]), Q()
    for key, value in zip(keys, boundary, strict=True):
        further = key.beyond(value, backwards=backwards)
        if further is not None:
            condition |= equal_so_far & further
        equal_so_far &= key.equal(value)
    leading = keys[0]
    if not leading.nullable:  # an index on the leading key can start here
        compare = "lte" if leading.descending != backwards else "gte"
        condition &= Q(**{f"{leading.name}__{compare}": boundary[0]})
    return condition
