"""All filters of the customer list together, and what narrows and describes by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple
from urllib.parse import parse_qsl

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm_site.core import hooks
from customers.filtering import cards, cars, contact, profile
from customers.filtering.field import (
    CAR,
    CARD,
    CLASS,
    CONTACT,
    PROFILE,
    SEPARATOR,
    VEHICLE,
    Asked,
    Field,
    Options,
    is_key,
)
from customers.models import Customer, Segment

GROUPS = {
    CLASS: _("Classes"),
    CAR: _("Cars"),
    CONTACT: _("Reaching them"),
    CARD: _("The card"),
    PROFILE: _("Profile"),
}
SEGMENT = "segment"


def _segments(stores: Sequence[int]) -> Options:
    rows = Segment.objects.filter(store_id__in=stores, retired_on=None)
    return [(str(row.pk), row.name) for row in rows]


def _segment_word(value: str, stores: Sequence[int]) -> str:
    row = Segment.objects.filter(pk=int(value), store_id__in=stores).first()
    return row.name if row else value


def _in_segment(values: list[str], asked: Asked) -> Q:
    """The customers of the segment's store that its own filters leave; a segment of a segment has none."""
    found = Segment.objects.filter(pk=int(values[0]), retired_on=None).first()
    if found is None or (asked.stores and found.store_id not in asked.stores):
        return NOBODY
    inner = parse(found.query)
    if SEGMENT in inner:
        return NOBODY
    return Q(store_id=found.store_id) & condition(inner, replace(asked, stores=(found.store_id,)))


#: a condition that no customer meets
NOBODY = Q(pk__in=())

#: what the list can be filtered by, from this room: code -> filter
FIELDS: dict[str, Field] = {
    field.code: field
    for field in [
        *cards.FIELDS,
        Field(SEGMENT, _("Segment"), CLASS, _segments, is_key, _in_segment, word=_segment_word),
        *cars.FIELDS,
        *contact.FIELDS,
        *profile.FIELDS,
    ]
}


def fields() -> dict[str, Field]:
    """FIELDS and what higher rooms add by settings.CUSTOMER_FILTERS (open tickets, months without a call)."""
    more = {field.code: field for offered in hooks.load("CUSTOMER_FILTERS") for field in offered}
    return FIELDS | more


def parse(query: str | Mapping[str, str | Iterable[str]]) -> dict[str, str]:
    """A query string, or the values of a form, as {code: values in one text}, known codes alone."""
    pairs = parse_qsl(query) if isinstance(query, str) else _pairs(query)
    known, found = fields(), dict[str, list[str]]()
    for code, value in pairs:
        if code in known and value:
            found.setdefault(code, []).append(value)
    return {code: SEPARATOR.join(values) for code, values in found.items()}


def _pairs(query: Mapping[str, str | Iterable[str]]) -> Iterable[tuple[str, str]]:
    lists = query.lists() if hasattr(query, "lists") else query.items()
    for code, values in lists:
        for value in [values] if isinstance(values, str) else values:
            yield code, value


def narrow(
    rows: QuerySet[Customer], query: Mapping[str, str], *, today: date, stores: Sequence[int] = ()
) -> QuerySet[Customer]:
    """The customers of `rows` that all filters of `query` leave.

    `query` is {code: value, or several separated by commas}. A code that is no filter (page, sort) and an empty value
    ask nothing; a filter whose value means nothing leaves nobody, so that a mistyped one never widens a bulk change
    or an export. `stores`, those of `rows`, lets the search begin at their indexes; the filters see no other store.
    """
    return rows.filter(condition(query, Asked(today, tuple(stores))))


def condition(query: Mapping[str, str], asked: Asked) -> Q:
    """The filters of a query as one condition on Customer; those about cars have to hold for one car together."""
    plain, sources = parts(query, asked)
    for source in sources:
        plain &= source.has_customer
    return plain


class Source(NamedTuple):
    """Rows of another table of whom a customer has to have one, and rows that are quick to count: about as many."""

    rows: QuerySet
    alike: QuerySet

    @property
    def has_customer(self) -> Q:
        """The condition on Customer."""
        return Q(pk__in=self.rows.values("customer_id"))


def parts(query: Mapping[str, str], asked: Asked) -> tuple[Q, list[Source]]:
    """The filters of a query: a condition on the card, and rows of other tables of whom one has to be there."""
    plain, of_a_car, sources, known = Q(), Q(), list[Source](), fields()
    for code, text in query.items():
        field = known.get(code)
        if field is None or not text:
            continue
        values = values_of(field, text)
        found = field.where(values, asked) if values else NOBODY
        if isinstance(found, QuerySet):
            sources.append(Source(found, found))
        elif values and field.about == VEHICLE:
            of_a_car &= found
        else:
            plain &= found
    if of_a_car:
        sources.append(Source(*cars.having(of_a_car, asked)))
    return plain, sources


def values_of(field: Field, text: str) -> list[str]:
    """The values that a text names; [] where one of them means nothing, or where one alone may be chosen."""
    values = list(dict.fromkeys(text.split(SEPARATOR)))
    fits = all(map(field.accepts, values)) and (field.many or len(values) == 1)
    return values if fits else []


class Active(NamedTuple):
    """A filter that is asked for: its code, its name and its values in words."""

    code: str
    label: str
    words: str


def active(query: Mapping[str, str], *, stores: Sequence[int] = ()) -> list[Active]:
    """What a query asks, filter by filter in the order of the table; names of rows from these stores alone."""
    asked = [(field, query[code]) for code, field in fields().items() if query.get(code)]
    return [Active(field.code, str(field.label), words_of(field, text, stores)) for field, text in asked]


def words_of(field: Field, text: str, stores: Sequence[int]) -> str:
    """The values in words; what means nothing stands as it was written."""
    values = values_of(field, text)
    return field.words(values, stores) if values else text


def describe(query: Mapping[str, str], *, stores: Sequence[int] = ()) -> list[tuple[str, str]]:
    """What a query asks, as (filter, values) in words."""
    return [(one.label, one.words) for one in active(query, stores=stores)]
