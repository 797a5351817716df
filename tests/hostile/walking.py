"""Walks the pages of the hostile world as somebody, and sends back every form that stands on them."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from tests.access.routes import routes
from tests.access.table import OPEN, SHARED

#: what is no page of somebody signed in, or ends their stay
NEVER = OPEN | {"jobs:health", "accounts:sign_out"}
_LINK = re.compile(r'(?:href|src|hx-get|data-url)="([^"#]+)')
#: what a text field is filled with must not be: fields of these kinds have values of their own
_CHOSEN = {"hidden", "checkbox", "radio", "date", "time", "month", "number", "file", "submit", "button", "week"}


@dataclass
class Form:
    """One form of a page: where it goes, its fields with the values that it stands with, its texts and its files."""

    action: str
    values: list[tuple[str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def kind(self) -> tuple:
        """What it is one of: the address it goes to and the names of its fields."""
        return (name_of(self.action), tuple(sorted({*self.texts, *self.others})))

    def filled(self, text: Callable[[], str], *, all_fields: bool = False) -> dict[str, list[str]]:
        """What is sent: every text field with another text; with `all_fields` also choices, numbers and days."""
        sent: dict[str, list[str]] = {}
        for name, value in self.values:
            sent.setdefault(name, []).append(value)
        for name in [*self.texts, *(self.others if all_fields else [])]:
            sent[name] = [text()]
        return sent


class _Forms(HTMLParser):
    """Collects the posting forms of a page."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Form] = []
        self._url, self._form, self._choice = url, None, ""
        self._form: Form | None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            target = has.get("hx-post") or (
                has.get("action", self._url) if has.get("method", "").lower() == "post" else ""
            )
            self._form = Form(urljoin(self._url, target)) if target else None
            if self._form:
                self.found.append(self._form)
        elif self._form is not None:
            self._take(tag, has, self._form)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    def _take(self, tag: str, has: dict[str, str], form: Form) -> None:
        name, kind = has.get("name", ""), has.get("type", "text").lower()
        if tag == "select":
            self._choice = name
            form.others.append(name)
        elif tag == "option" and (has.get("value") and ("selected" in has or not _has(form, self._choice))):
            form.values = [one for one in form.values if one[0] != self._choice] + [(self._choice, has["value"])]
        elif tag == "button" and name and kind == "submit":
            form.values.append((name, has.get("value", "")))
        elif tag == "textarea" and name:
            form.texts.append(name)
        elif tag == "input" and name:
            self._take_input(name, kind, has, form)

    def _take_input(self, name: str, kind: str, has: dict[str, str], form: Form) -> None:
        if kind == "file":
            form.files.append(name)
        elif kind not in _CHOSEN:
            form.texts.append(name)
        elif kind in ("checkbox", "radio"):
            if "checked" in has or not _has(form, name):
                form.values.append((name, has.get("value", "on")))
            form.others.append(name)
        else:
            form.values.append((name, has.get("value") or _plain(kind)))
            if name != "csrfmiddlewaretoken":
                form.others.append(name)


def _has(form: Form, name: str) -> bool:
    return any(name == one for one, _value in form.values)


def _plain(kind: str) -> str:
    return {"number": "5", "date": "2026-09-17", "time": "09:00", "month": "2026-08"}.get(kind, "")


def forms_in(url: str, html: str) -> list[Form]:
    """The posting forms of a page, with where they go."""
    reader = _Forms(url)
    reader.feed(html)
    return [form for form in reader.found if name_of(form.action) not in (NEVER | {""})]


def walk(client: Client, more: list[str], *, of_a_kind: int, of_a_name: int) -> Iterator[tuple[str, Any]]:
    """(address, answer) of every page: those without arguments, `more`, and whatever these lead to."""
    waiting, asked, kinds = deque([*_without_arguments(), *more]), set(), Counter()
    while waiting:
        url = waiting.popleft()
        if url in asked:
            continue
        asked.add(url)
        kind = _kind(url)
        if kind is None or kinds[kind] >= of_a_kind or kinds[kind[0]] >= of_a_name:
            continue
        kinds.update([kind, kind[0]])
        answer = client.get(url)
        yield url, answer
        waiting.extend(_led_to(url, answer))


def _led_to(url: str, answer: Any) -> list[str]:
    if answer.status_code in (301, 302):
        return [urljoin(url, answer["Location"])]
    if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
        return [urljoin(url, found.replace("&amp;", "&")) for found in _LINK.findall(answer.content.decode())]
    return []


def body_of(answer: Any) -> bytes:
    """The content of an answer, also of one that comes piece by piece."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def name_of(url: str) -> str:
    """The full name of an address; '' for what is none of ours."""
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return ""


def send(client: Client, form: Form, sent: dict[str, Any]) -> list[HttpResponse]:
    """Post a form; gives its answer and the page that it leads to."""
    answers = [client.post(form.action, sent)]
    if answers[0].status_code in (301, 302) and name_of(answers[0]["Location"]) not in NEVER:
        answers.append(client.get(answers[0]["Location"]))
    return answers


def _without_arguments() -> list[str]:
    plain = [reverse(route.name) for route in routes() if not route.arguments and route.name not in NEVER]
    return plain + [reverse(name, kwargs=make()) for name, make in SHARED.items()]


def _kind(url: str) -> tuple | None:
    """What an address is one of: its name and which query values it has; None for what is not ours to ask."""
    parts = urlsplit(url)
    if parts.netloc or not parts.path.startswith("/"):
        return None
    name = name_of(url)
    if not name or name in NEVER or ":" not in name:
        return None
    return name, tuple(sorted(key for key, _value in parse_qsl(parts.query)))
