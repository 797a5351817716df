"""Hears which names of the address a view asks for, so that no parameter of any page is left untried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

from django.core.handlers.wsgi import WSGIRequest
from django.http import QueryDict
from django.utils.functional import cached_property


class Heard(QueryDict):
    """A query that remembers which names it was asked for."""

    @property
    def names(self) -> set[str]:
        """The names asked for so far."""
        return self.__dict__.setdefault("heard", set())

    def __getitem__(self, key: str) -> Any:
        self.names.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.names.add(str(key))
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.names.add(key)
        return super().get(key, default)

    def getlist(self, key: str, default: Any = None) -> list:
        self.names.add(key)
        return super().getlist(key, default)


@contextmanager
def listening() -> Iterator[None]:
    """Every request of the block has a query that remembers."""
    heard = cached_property(lambda request: Heard(request.META.get("QUERY_STRING", ""), encoding=request._encoding))
    heard.__set_name__(WSGIRequest, "GET")
    with patch.object(WSGIRequest, "GET", heard):
        yield


def names_heard(answer: Any) -> set[str]:
    """The names that the view of an answer asked its address for."""
    return {name for name in getattr(answer.wsgi_request.GET, "names", ()) if name}


def encoded(value: str) -> str:
    """A value for an address, also one with half a sign of two."""
    return quote(value.encode("utf-8", "surrogatepass"), safe="")
