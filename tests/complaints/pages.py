"""A ticket's page as a browser has it: the fields of each form as they were shown, to be changed and sent."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.urls import reverse

from complaints.models import Complaint


class _Forms(HTMLParser):
    """The values of the forms with an id `step-…`, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._form: dict[str, str] | None = None
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            name = given.get("id") or ""
            self._form = self.forms.setdefault(name.removeprefix("step-"), {}) if name.startswith("step-") else None
        if self._form is None:
            return
        name = given.get("name") or ""
        if tag == "textarea":
            self._area, self._form[name] = name, ""
        elif tag == "select":
            self._select, self._form[name] = name, ""
        elif tag == "option" and "selected" in given:
            self._form[self._select] = given.get("value") or ""
        elif tag == "input" and name and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self._form[name] = given.get("value") or ("on" if given.get("type") == "checkbox" else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form[self._area] += data.removeprefix("\n")


def forms_of(answer: Any) -> dict[str, dict[str, str]]:
    """action -> the fields of its form on a page, as they were shown."""
    parser = _Forms()
    parser.feed(answer.content.decode())
    return parser.forms


def shown(client: Any, ticket: Complaint, action: str) -> dict[str, str]:
    """What a browser shows of one form of a ticket."""
    name = "complaints:do" if action == "edit" else "complaints:detail"
    arguments = [ticket.pk, "edit"] if action == "edit" else [ticket.pk]
    return forms_of(client.get(reverse(name, args=arguments)))[action]


def send(client: Any, ticket: Complaint, action: str, fields: dict[str, str]) -> Any:
    """Send a form."""
    return client.post(reverse("complaints:do", args=[ticket.pk, action]), fields)
