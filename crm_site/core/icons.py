"""Bootstrap's icons as inline SVG, read as data from the installed package."""

from functools import lru_cache
from importlib.resources import files

from defusedxml import ElementTree
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

FOLDER = files("js_lib_bootstrap_icons").joinpath("static/bootstrap-icons")
SHAPES = {"path", "circle", "rect", "ellipse", "line", "polygon", "polyline"}
ATTRIBUTES = {"d", "fill-rule", "clip-rule", "cx", "cy", "r", "rx", "ry", "x", "y", "width", "height", "points"}


class UnknownIcon(ValueError):
    """A template asked for an icon that the set does not have."""


def render(name: str, label: str = "", extra: str = "") -> SafeString:
    """The icon `name` as `<svg class="ico …">`: hidden beside a word, or role=img named by `label`."""
    classes = f"ico {extra}".strip()
    if label:
        opening = format_html('<svg class="{}" viewBox="0 0 16 16" role="img" aria-label="{}">', classes, label)
    else:
        opening = format_html('<svg class="{}" viewBox="0 0 16 16" aria-hidden="true">', classes)
    return format_html("{}{}</svg>", opening, shapes(name))


@lru_cache(maxsize=256)
def shapes(name: str) -> SafeString:
    """The shapes inside one icon, rebuilt from its file so that nothing but known attributes gets through."""
    if not name or not name.replace("-", "").isalnum() or not name.isascii():
        raise UnknownIcon(f"“{name}” is no icon name")
    source = FOLDER.joinpath(f"{name}.svg")
    if not source.is_file():
        raise UnknownIcon(f"there is no icon “{name}”")
    root = ElementTree.fromstring(source.read_bytes())
    return format_html_join("", "<{}{}/>", (_shape(element) for element in root.iter() if _tag(element) in SHAPES))


def _tag(element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def _shape(element) -> tuple[str, SafeString]:
    """One shape as (tag, attributes)."""
    kept = ((key, value) for key, value in element.attrib.items() if key in ATTRIBUTES)
    return _tag(element), format_html_join("", ' {}="{}"', kept)
