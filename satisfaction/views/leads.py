"""The tabs over the pages to which a score leads: decisions, alerts, measures, digests, the customers' words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_site.accounts import policy
from crm_site.core.paging import capped_count
from satisfaction.models import Alert, ImprovementMeasure
from satisfaction.queries.decisions import awaiting

#: what a tab counts at most
MOST = 999


def _open_measures(request: HttpRequest) -> int:
    stores = policy.stores_allowing(request.user, "satisfaction.view")
    rows = ImprovementMeasure.objects.visible_to(request.user).filter(store_id__in=stores).open()
    return capped_count(rows, MOST).number


#: page -> (its words, who may see it, what it counts)
TABS: dict[str, tuple[str | Promise, str, Callable[[HttpRequest], int] | None]] = {
    "decisions": (_("Low answers to decide"), "satisfaction.decide", lambda request: awaiting(request.user).count()),
    "alerts": (
        _("Alerts"),
        "satisfaction.view",
        lambda request: Alert.objects.visible_to(request.user).unseen().count(),
    ),
    "digests": (_("Weekly and monthly digests"), "satisfaction.view", None),
    "words": (_("Customers' words"), "satisfaction.view", None),
    "measures": (_("Improvement measures"), "satisfaction.view", _open_measures),
}


def tabs(request: HttpRequest, here: str) -> list[dict[str, Any]]:
    """The tabs that this user may enter, the one that they are in marked; [] where there is only one."""
    found = [
        {
            "label": label,
            "url": reverse(f"satisfaction:{name}"),
            "count": count(request) if count else None,
            "current": name == here,
        }
        for name, (label, capability, count) in TABS.items()
        if policy.allows(request.user, capability)
    ]
    return found if len(found) > 1 else []
