"""The pages of archive care, as the hub and their tabs show them; higher rooms add theirs by CARE_PAGES."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_site.accounts import policy
from crm_site.core import hooks
from crm_site.core.paging import Count


@dataclass(frozen=True)
class CarePage:
    """One page of archive care: where it stands, who may open it, and how long its list is today."""

    code: str
    label: str | Promise
    url_name: str
    capability: str
    #: what is done there, one line
    note: str | Promise = ""
    group: str = "cleaning"
    icon: str = "list-check"
    #: (user, today) -> the length of the list that the page opens with; None where it is no list
    count: Callable[[Any, date], Count] | None = None

    @property
    def url(self) -> str:
        """Its address; '' while no such page is there."""
        try:
            return reverse(self.url_name)
        except NoReverseMatch:
            return ""


#: the groups of the hub in their order: code -> title
GROUPS: dict[str, str | Promise] = {
    "cleaning": _("Cleaning"),
    "duplicates": _("Duplicates"),
    "classes": _("Classes and segments"),
    "setup": _("What a card holds"),
}


def allowed(user: Any, group: str = "") -> Iterator[CarePage]:
    """The pages that a user may open, in their order; of one group where it is named."""
    for page in (page for pages in hooks.load("CARE_PAGES") for page in pages):
        if group in ("", page.group) and page.url and policy.allows(user, page.capability):
            yield page


def tabs(user: Any, current: str) -> list[dict[str, Any]]:
    """The pages of the current one's group as tabs, without figures: these cost a count each and stand on the hub."""
    pages = list(allowed(user))
    group = next((page.group for page in pages if page.code == current), "cleaning")
    return [
        {"label": page.label, "url": page.url, "count": None, "current": page.code == current}
        for page in pages
        if page.group == group
    ]
