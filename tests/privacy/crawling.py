"""Walks every page that somebody can reach: what the resolver names and what the pages lead to."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve, reverse

from tests.access.asking import seen_writes
from tests.access.routes import routes
from tests.access.table import OPEN, SHARED, TAKEN_BACK

#: addresses of one name that are asked for, whatever their query
OF_A_NAME = 8
_LINK = re.compile(r'(?:href|src|hx-get|data-url|action)="([^"#]+)')
#: what is no page of somebody signed in
NEVER = OPEN | {"jobs:health"}


def walk(client: Client, more: list[str], *, of_a_kind: int) -> Iterator[tuple[str, object]]:
    """(address, answer) of every page from all that take no argument, `more` and whatever these lead to.

    `of_a_kind`: how many addresses of the same name and the same query names are asked for.
    """
    waiting = deque([*_without_arguments(), *more])
    asked: set[str] = set()
    kinds: Counter = Counter()
    while waiting:
        url = waiting.popleft()
        if url in asked:
            continue
        asked.add(url)
        kind = _kind(url)
        if kind is None or kinds[kind] >= of_a_kind or kinds[kind[0]] >= OF_A_NAME:
            continue
        kinds.update([kind, kind[0]])
        answer = client.get(url)
        yield url, answer
        if answer.status_code in (301, 302):
            waiting.append(urljoin(url, answer["Location"]))
        elif answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            waiting.extend(urljoin(url, unescape(found)) for found in _LINK.findall(answer.content.decode()))


def watched(answers: Iterator[tuple[str, object]]) -> Iterator[tuple[str, object, list]]:
    """The same with what was written for each answer, beside sessions and the log of refusals."""
    with seen_writes() as writes:
        for url, answer in answers:
            written = writes[:]
            writes.clear()
            yield url, answer, [] if name_of(url) in TAKEN_BACK else written


def name_of(url: str) -> str:
    """The full name of an address."""
    return resolve(urlsplit(url).path).view_name


def _without_arguments() -> list[str]:
    plain = [reverse(route.name) for route in routes() if not route.arguments and route.name not in NEVER]
    return plain + [reverse(name, kwargs=make()) for name, make in SHARED.items()]


def _kind(url: str) -> tuple | None:
    """Its name and which query values it has; None for what is not ours to ask."""
    parts = urlsplit(url)
    if parts.netloc or not parts.path.startswith("/"):
        return None
    try:
        match = resolve(parts.path)
    except Resolver404:
        return None
    if match.view_name in NEVER or ":" not in match.view_name:
        return None
    return match.view_name, tuple(sorted(key for key, _value in parse_qsl(parts.query)))
