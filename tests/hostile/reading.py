"""Reads an answer as a browser would, and says what in it is not the page's own: elements, attributes, addresses."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from tests.hostile.payloads import MARK

_ADDRESSES = {
    "href", "src", "action", "formaction", "data", "poster", "xlink:href", "srcset", "background", "cite", "ping",
    "hx-get", "hx-post", "hx-put", "hx-delete", "hx-patch", "data-url", "manifest", "longdesc", "usemap",
}  # fmt: skip
#: elements that no page of the product has
_STRANGE = {"iframe", "object", "embed", "applet", "base", "style", "frame", "frameset", "marquee", "math", "template"}
#: elements in whose text a browser looks for no markup; what stands there must not be anybody's text
_RAW = {"script", "style"}
_CONTROL = re.compile(r"[\x00-\x20]")


class _Reader(HTMLParser):
    """Collects what is strange in a page, and how often a mark of ours stands in it as plain text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.strange: list[str] = []
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _STRANGE or MARK in tag:
            self.strange.append(f"<{tag}> {attrs}"[:200])
        values = {name: value or "" for name, value in attrs}
        if tag in _RAW:
            self._within = tag
            if not values.get("src", "").startswith("/static/") and values.get("type") != "application/json":
                self.strange.append(f"a script of its own: {values}")
        self.strange += [f"<{tag}> {name}={value[:80]!r}" for name, value in values.items() if _is_strange(name, value)]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._within:
            self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within == "script" and data.strip():
            self.strange.append(f"script: {data[:80]!r}")

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.strange.append(f"a comment: {data[:80]!r}")

    def handle_decl(self, decl: str) -> None:
        if decl.lower() != "doctype html":
            self.strange.append(f"<!{decl[:80]}>")

    def handle_pi(self, data: str) -> None:
        self.strange.append(f"<?{data[:80]}")

    def unknown_decl(self, data: str) -> None:
        self.strange.append(f"<![{data[:80]}")


def _is_strange(name: str, value: str) -> bool:
    """Whether an attribute is none that a page of ours has: a handler, a style, a foreign or running address."""
    if MARK in name or name.startswith(("on", "hx-on", "data-hx-on")) or name in ("style", "srcdoc", "is"):
        return True
    if name in ("hx-vals", "hx-headers"):
        return not isinstance(_json(value), dict)
    if name == "http-equiv":
        return True
    return name in _ADDRESSES and _runs_or_leaves(value)


def _runs_or_leaves(address: str) -> bool:
    """Whether an address has a scheme of its own or another host; telephone numbers and mail are dialled, not run."""
    plain = _CONTROL.sub("", address).replace("\\", "/")
    try:
        parts = urlsplit(plain)
    except ValueError:
        return True
    if parts.scheme in ("tel", "mailto") and not parts.netloc:
        return False
    return bool(parts.scheme or parts.netloc)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def strange_in(body: bytes, content_type: str) -> list[str]:
    """What in an answer stems from somebody's text and is more than text; [] is well."""
    kind = content_type.partition(";")[0].strip()
    if kind == "text/html":
        reader = _Reader()
        reader.feed(body.decode())
        reader.close()
        return reader.strange
    if kind == "image/svg+xml":
        return list(_strange_in_picture(ElementTree.parse(io.BytesIO(body)).getroot()))
    if kind == "application/json":
        json.loads(body)
    return []


def _strange_in_picture(root: Element) -> Iterator[str]:
    """A chart is XML with shapes and words alone: no script, no foreign object, no handler, no address outside."""
    for element in root.iter():
        name = str(element.tag).rpartition("}")[2].lower()
        if name in ("script", "foreignobject", "a", "iframe", "animate", "set", "image", "handler") or MARK in name:
            yield f"<{name}>"
        for attribute, value in element.attrib.items():
            plain = attribute.rpartition("}")[2].lower()
            if plain.startswith("on") or MARK in plain:
                yield f"<{name} {plain}>"
            if plain in ("href", "src") and not value.startswith("#"):
                yield f"<{name} {plain}={value[:60]!r}>"


#: directives that must not stand in the policy, and that must
_FORBIDDEN = ("unsafe-inline", "unsafe-eval", "unsafe-hashes", "strict-dynamic", "*", "data:text", "http:", "https:")


def loose_in_policy(policy: str) -> list[str]:
    """What the content policy of an answer allows that it should not; ["no policy"] where it has none."""
    if not policy:
        return ["no policy"]
    parts = {words[0]: words[1:] for part in policy.split(";") if (words := part.split())}
    loose = [f"{name} {one}" for name, values in parts.items() for one in values if _is_loose(one)]
    wanted = ["default-src", "base-uri", "form-action", "frame-ancestors"]
    wanted += [] if parts.get("default-src") == ["'none'"] else ["object-src"]
    missing = [f"no {name}" for name in wanted if name not in parts]
    return loose + missing


def _is_loose(value: str) -> bool:
    return value == "*" or any(word in value for word in _FORBIDDEN if word != "*")
