"""What the home page is made of: blocks of tiles, each tile a number and exactly its list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from crm_site.core.dates import Month, month_of

Words = str | Promise


@dataclass(frozen=True)
class Tile:
    """One number with its words and the list behind it; `value` is an int, or text that is shown as it is."""

    label: Words
    value: Any
    note: Words = ""
    url: str = ""
    kind: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Block:
    """One panel of the home page: tiles, and below them a template of its own with its context."""

    code: str
    title: Words
    tiles: list[Tile] = field(default_factory=list)
    note: Words = ""
    url: str = ""
    link: Words = ""
    template: str = ""
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Moment:
    """Who looks at the home page, and when."""

    request: HttpRequest
    now: datetime
    today: date

    @property
    def user(self) -> Any:
        """The signed-in user."""
        return self.request.user

    @property
    def month(self) -> Month:
        """The calendar month, by which scores and tickets are counted here whatever a store's report covers."""
        return month_of(self.today)

    def stores_as(self, *roles: str) -> list[int]:
        """The visible stores in which the user has one of the roles."""
        return self.user.stores_with(roles)

    def is_any(self, *roles: str) -> bool:
        """Whether the user has one of the roles anywhere."""
        return bool(self.stores_as(*roles))


def link(name: str, **query: Any) -> str:
    """The address of a list with its filters; codes and ids only."""
    text = urlencode({key: value for key, value in query.items() if value not in (None, "")})
    return f"{reverse(name)}?{text}" if text else reverse(name)


def alarm(number: int, kind: str) -> str:
    """The colour of a number that should be zero."""
    return kind if number else ""
