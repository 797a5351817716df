"""The tabs between the pages of background work."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import policy

PAGES = (("jobs:list", "jobs.view"), ("jobs:room", "jobs.room"))


def tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """The pages of background work that this user may open; none where it is one."""
    words = {"jobs:list": _("Jobs"), "jobs:room": _("Installation")}
    found = [
        {"label": words[name], "url": reverse(name), "count": None, "current": name == current}
        for name, capability in PAGES
        if policy.allows(request.user, capability)
    ]
    return found if len(found) > 1 else []
