"""The cells of a heat table: written here, as a template takes longer over hundreds of cells than over a whole page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm_site.core import formats, icons


def cells(row: Iterable[Mapping[str, Any]]) -> SafeString:
    """One row's `<td>`s; a cell is {value, band: ok|warn|bad, url, n, code}, without a value – (sample too small).

    `code` names the figure in the metric dictionary.
    """
    return format_html_join("", "{}", ((_cell(cell),) for cell in row))


def _cell(cell: Mapping[str, Any]) -> SafeString:
    if cell.get("value") is None:
        return format_html('<td class="b-none" title="{}">–</td>', _("sample too small"))
    band, n = cell.get("band") or "none", cell.get("n")
    if n is None:
        return format_html('<td class="b-{}">{}</td>', band, _figure(cell))
    return format_html('<td class="b-{}" title="n = {}">{}</td>', band, formats.number(n), _figure(cell))


def _figure(cell: Mapping[str, Any]) -> SafeString | str:
    """The score, a link to what is behind it, marked where it is low."""
    shown: SafeString | str = formats.score(cell["value"])
    if cell.get("url"):
        shown = format_html('<a href="{}"{}>{}</a>', cell["url"], _named(cell), shown)
    if cell.get("band") != "bad":
        return shown
    mark = icons.render("caret-down-fill", label=_("below 80"))
    return format_html('<span class="hf-band">{} {}</span>', mark, shown)


def _named(cell: Mapping[str, Any]) -> SafeString | str:
    """Which figure it is, on how many answers, and its value: what a test compares with the list behind it."""
    if not cell.get("code"):
        return ""
    told = (cell["code"], cell["n"], formats.score(cell["value"]))
    return format_html(' data-figure="{}" data-n="{}" data-value="{}"', *told)
