"""What a filter of the customer list is: its code in the address, its words, and the condition it stands for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

#: the groups of the filter panel, in its order (table.GROUPS has their titles)
CARD, CLASS, CAR, CONTACT, PROFILE = "card", "class", "car", "contact", "profile"
#: what a condition is about: the customer, or one of their present cars (all conditions about cars then hold for one)
CUSTOMER, VEHICLE = "customer", "vehicle"

#: several values of one filter stand in one text, as a saved view or a segment keeps them
SEPARATOR = ","
LONGEST_VALUE = 60

Options = list[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """In what a filter narrows: the business day, and the stores whose customers are looked at (none: all).

    `user`: who looks, so that a filter tells nothing that they may not see; None where no page is shown.
    """

    today: date
    stores: tuple[int, ...] = ()
    user: Any = None

    @property
    def in_stores(self) -> Q:
        """The rows of these stores; lets a subquery begin at an index of its store."""
        return Q(store_id__in=self.stores) if self.stores else Q()


@dataclass(frozen=True)
class Field:
    """One filter.

    `options(stores)` gives (value, word) pairs to choose from; `accepts(value)` says whether a value means anything,
    also one that is not offered; `where(values, asked)` the condition, on Customer or on Vehicle as `about` says, or
    rows of another table with a `customer` of whom one has to be there; `word(value, stores)` the value in words where
    the options do not hold it.
    """

    code: str
    label: Any
    group: str
    options: Callable[[Sequence[int]], Options]
    accepts: Callable[[str], bool]
    where: Callable[[list[str], Asked], Q | QuerySet]
    about: str = CUSTOMER
    #: several values at once, of which one has to hold
    many: bool = False
    #: how a page lets it be chosen: "choice", "date"
    control: str = "choice"
    word: Callable[[str, Sequence[int]], str] | None = None

    def words(self, values: Iterable[str], stores: Sequence[int]) -> str:
        """The chosen values as a reader reads them."""
        values = list(values)
        if self.word is not None:
            return _(", ").join(self.word(value, stores) for value in values)
        known = {value: str(word) for value, word in self.options(stores)}
        return _(", ").join(known.get(value, value) for value in values)


def chosen(code: str, label: Any, group: str, choices: Sequence[tuple[Any, Any]], where: Any, **more: Any) -> Field:
    """A filter by fixed codes."""
    known = {str(value) for value, _word in choices}

    def options(_stores: Sequence[int]) -> Options:
        return [(str(value), str(word)) for value, word in choices]

    return Field(code, label, group, options, known.__contains__, where, **more)


def column(code: str, label: Any, group: str, choices: Sequence[tuple[Any, Any]], name: str, **more: Any) -> Field:
    """A filter by a column of codes; several may be chosen, and '-' stands for an empty one."""
    choices = [*choices, ("-", _none_word)] if more.pop("may_be_empty", False) else choices

    def where(values: list[str], _asked: Asked) -> Q:
        return Q(**{f"{name}__in": ["" if value == "-" else value for value in values]})

    return chosen(code, label, group, choices, where, many=True, **more)


class _NoneWord:
    """'none' in the reader's language, at the time it is read."""

    def __str__(self) -> str:
        return _("Not classed yet")


_none_word = _NoneWord()


def spans(code: str, label: Any, group: str, where: Any, *, offered: Sequence[int], unit: str, **more: Any) -> Field:
    """A filter by a number of days, months or per cent; any whole number from 1 to 999 means something."""

    def options(_stores: Sequence[int]) -> Options:
        return [(str(number), span_word(str(number), unit)) for number in offered]

    def word(value: str, _stores: Sequence[int]) -> str:
        return span_word(value, unit)

    def by_number(values: list[str], asked: Asked) -> Q:
        return where(int(values[0]), asked)

    return Field(code, label, group, options, is_number, by_number, word=word, **more)


def span_word(value: str, unit: str) -> str:
    """So many days, months or per cent, in words."""
    number = int(value)
    if unit == "days":
        return ngettext("%(n)d day", "%(n)d days", number) % {"n": number}
    if unit == "months":
        return ngettext("%(n)d month", "%(n)d months", number) % {"n": number}
    return f"{number}%"


def written(code: str, label: Any, group: str, offered: Any, name: str, **more: Any) -> Field:
    """A filter by a column of words (series, source, city): what the stores' rows hold is offered."""

    def options(stores: Sequence[int]) -> Options:
        return [(one, one) for one in offered(stores)]

    def where(values: list[str], _asked: Asked) -> Q:
        return Q(**{f"{name}__in": values})

    def word(value: str, _stores: Sequence[int]) -> str:
        return value

    return Field(code, label, group, options, is_short, where, many=True, word=word, **more)


def day(code: str, label: Any, group: str, where: Any, **more: Any) -> Field:
    """A filter by a day."""

    def by_day(values: list[str], _asked: Asked) -> Q:
        return where(date.fromisoformat(values[0]))

    def nothing(_stores: Sequence[int]) -> Options:
        return []

    return Field(code, label, group, nothing, is_day, by_day, control="date", **more)


def is_number(value: str) -> bool:
    """A whole number from 1 to 999."""
    return bool(re.fullmatch(r"[1-9][0-9]{0,2}", value))


def is_key(value: str) -> bool:
    """A row's key."""
    return bool(re.fullmatch(r"[0-9]{1,18}", value))


def is_short(value: str) -> bool:
    """Words that a column may hold."""
    return 0 < len(value) <= LONGEST_VALUE and "\0" not in value


def is_day(value: str) -> bool:
    """A day as ISO writes it."""
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
