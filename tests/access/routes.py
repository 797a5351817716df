"""Every address of the product, found by walking the URL resolver."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver


class Route(NamedTuple):
    """One address: its full name, the view's capability (None = open to all), the names of its arguments."""

    name: str
    view: Any
    capability: str | None
    arguments: tuple[str, ...]


def routes() -> list[Route]:
    """All routes with a name, in the order of the resolver."""
    return list(_walk(get_resolver(), ""))


def _walk(resolver: URLResolver, namespace: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, inner)
        elif isinstance(entry, URLPattern):
            name = f"{namespace}{entry.name}"
            yield Route(name, entry.callback, getattr(entry.callback, "capability", "unguarded"), _arguments(entry))


def _arguments(entry: URLPattern) -> tuple[str, ...]:
    return tuple(entry.pattern.converters)
