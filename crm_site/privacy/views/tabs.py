"""The tabs under "Personal data": each shown to whoever may open it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_site.accounts import policy


class Tab(NamedTuple):
    """One page of the group."""

    label: Promise
    url_name: str
    capability: str


TABS: tuple[Tab, ...] = (
    Tab(_("Requests"), "privacy:home", "privacy.requests"),
    Tab(_("Export log"), "privacy:exports", "privacy.log"),
    Tab(_("Looks"), "privacy:looks", "privacy.log"),
    Tab(_("Rules"), "privacy:rules", "privacy.rules"),
)


def tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """The tabs that this user may open; `current` is the address's name of the page shown."""
    return [
        {"label": tab.label, "url": reverse(tab.url_name), "count": None, "current": tab.url_name == current}
        for tab in TABS
        if policy.allows(request.user, tab.capability)
    ]
