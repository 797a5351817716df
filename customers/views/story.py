"""The timeline of a card: what every room has to tell, under tabs whose codes stand in the address."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.core import hooks
from crm_site.core.timeline import CALLS, CHANGES, COMPLAINTS, WORKSHOP, newest_first
from customers.models import Customer

FEW, MANY = 25, 200
#: the codes of the tabs in the address; '' is the whole timeline
TABS = ("", CALLS, WORKSHOP, COMPLAINTS, CHANGES)


def tab_of(request: HttpRequest) -> str:
    """Which part of the timeline is asked for; all orders stand under the workshop."""
    asked = WORKSHOP if request.GET.get("all") == "orders" else request.GET.get("show", "")
    return asked if asked in TABS else ""


def timeline(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """{rows, count, more, tabs, tab}: `?show=` one of the tabs' codes, `?all=events` more than the newest FEW."""
    told = [event for tell in hooks.load("TIMELINE") for event in tell(request.user, customer)]
    counts = Counter(event.tab for event in told)
    titles = (_("All"), _("Calls and answers"), _("Repairs"), _("Complaints"), _("Changes"))
    words = dict(zip(TABS, titles, strict=True))
    tab = tab_of(request)
    shown = newest_first([event for event in told if tab in ("", event.tab)])
    limit = MANY if request.GET.get("all") == "events" else FEW
    card = reverse("customers:card", args=[customer.pk])
    tabs = [
        {
            "label": word,
            "url": f"{card}?show={code}#events" if code else f"{card}#events",
            "count": counts[code] if code else len(told),
            "current": code == tab,
        }
        for code, word in words.items()
    ]
    return {"rows": shown[:limit], "count": len(told), "more": len(shown) > limit, "tabs": tabs, "tab": tab}
