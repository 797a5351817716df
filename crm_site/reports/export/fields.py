"""One of our fields as a manufacturer's sheet may show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crm_site.imports import layout as kinds


@dataclass(frozen=True)
class ExportField:
    """One of our fields: its words, the titles by which manufacturers call it, and its value in a row."""

    code: str
    label: str | Promise
    titles: tuple[str, ...]
    value: Callable[[Any], Any]
    kind: str = kinds.TEXT


def yes_no(value: bool) -> str:
    """A fact in one word."""
    return _("yes") if value else _("no")
