"""What the two pages of reception share: the tabs between bookings and numbers to check."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import policy
from crm_site.core.paging import capped_count
from customers.models import Customer

#: what the tab counts at most
MOST = 999


def tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """Bookings, what to ask today, and numbers to check with their count; only what the user may open."""
    stores = policy.stores_allowing(request.user, "customers.phone_checks")
    waiting = Customer.objects.visible_to(request.user).filter(store_id__in=stores, check_phone_since__isnull=False)
    places = [
        ("bookings", _("Bookings"), "customers:bookings", "customers.bookings", None),
        ("to_ask", _("To ask today"), "customers:to_ask", "customers.phone_checks", None),
        ("phone_checks", _("Numbers to check"), "customers:phone_checks", "customers.phone_checks", waiting),
    ]
    return [
        {
            "label": label,
            "url": reverse(name),
            "count": None if rows is None else capped_count(rows, MOST).number,
            "current": code == current,
        }
        for code, label, name, capability, rows in places
        if policy.allows(request.user, capability)
    ]
