"""What the search box finds in this room: a ticket by its number, or by the one it has outside."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint
from crm_site.accounts import policy
from crm_site.core import formats
from customers.finding import Find

MOST = 10


def tickets(user: Any, typed: str) -> list[Find]:
    """The tickets of exactly this number that the user may see, for settings.FINDERS."""
    stores = policy.stores_allowing(user, "complaints.view")
    if not stores:
        return []
    number = typed.upper()
    rows = Complaint.objects.visible_to(user).filter(store_id__in=stores)
    rows = rows.filter(Q(number=number) | Q(external_number=typed)).select_related("customer", "level")
    return [
        Find(
            _("Complaints"),
            row.number,
            " · ".join(filter(None, [row.customer.listed_name if row.customer else "", formats.day(row.received_at)])),
            reverse("complaints:detail", args=[row.pk]),
        )
        for row in rows.order_by("pk")[:MOST]
    ]
