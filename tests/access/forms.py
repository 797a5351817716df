"""The forms of a page as a browser would send them, filled in with as little as they ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.factories import DAY

#: what is typed into an empty field that is asked for, by its type
TYPED = {"date": DAY.isoformat(), "number": "1", "tel": "13912345678", "month": f"{DAY:%Y-%m}", "time": "09:00"}
WORDS = "按规定办理"
#: what leaves no value in a post
_SILENT = {"submit", "button", "image", "reset", "file"}


@dataclass
class Form:
    """One form: where it is sent, its fields as shown, and which of them hold a key of a row."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: set[str] = field(default_factory=set)
    _select: str = ""
    _options: list[tuple[str, bool]] = field(default_factory=list)
    _text: str = ""


class _Reader(HTMLParser):
    """Reads the forms that are posted."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = said.get("action") or said.get("hx-post", "")
            self._open = Form(action) if said.get("method", "").lower() == "post" or "hx-post" in said else None
            self.forms += [self._open] if self._open else []
        elif self._open and said.get("name") and "disabled" not in said:
            self._field(self._open, tag, said)
        elif self._open and tag == "option" and self._open._select:
            self._open._options.append((said.get("value", ""), "selected" in said))

    def _field(self, form: Form, tag: str, said: dict[str, str]) -> None:
        name, kind, value = said["name"], said.get("type", "text"), said.get("value", "")
        if tag == "select":
            form._select, form._options = name, []
        elif tag == "textarea":
            form._text = name
            form.fields[name] = WORDS if "required" in said else ""
        elif tag == "button" and value and name not in form.fields:
            form.fields[name] = value
        elif tag == "input" and kind in ("radio", "checkbox"):
            if value.isdecimal():
                form.choices.add(name)
            if "checked" in said or (kind == "radio" and name not in form.fields):
                form.fields[name] = value or "on"
        elif tag == "input" and kind not in _SILENT:
            if kind == "hidden" and value.isdecimal():
                form.choices.add(name)
            form.fields[name] = value or (TYPED.get(kind, WORDS) if "required" in said else "")

    def handle_data(self, data: str) -> None:
        if self._open and self._open._text and data.strip():
            self._open.fields[self._open._text] = data.strip()

    def handle_endtag(self, tag: str) -> None:
        form = self._open
        if form is None:
            return
        if tag == "textarea":
            form._text = ""
        elif tag == "select":
            chosen = [value for value, selected in form._options if selected] or [""]
            usable = [value for value, _selected in form._options if value] or [""]
            form.fields[form._select] = chosen[0] or usable[0]
            if any(value.isdecimal() for value in usable):
                form.choices.add(form._select)
            form._select = ""
        elif tag == "form":
            self._open = None


def forms_in(page: str) -> list[Form]:
    """The forms of a page."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms
