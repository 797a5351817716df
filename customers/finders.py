"""What the search box finds beside customers in this room: a repair order by its number."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.finding import Find
from customers.models import Customer, RepairOrder

MOST = 10


def orders(user: Any, typed: str) -> list[Find]:
    """The repair orders of exactly this number, for settings.FINDERS; each leads to its customer's card.

    An order whose customer is not known or not to be found is left out, as there is no card to open.
    """
    numbers = {typed, typed.upper()}
    rows = RepairOrder.objects.visible_to(user).filter(order_number__in=numbers, customer__restricted=False)
    rows = rows.filter(customer__in=Customer.objects.visible_to(user)).select_related("customer", "vehicle")
    return [
        Find(
            _("Repair orders"),
            row.order_number,
            " · ".join(filter(None, [row.customer.listed_name, str(row.vehicle), row.checked_in_on.isoformat()])),
            reverse("customers:card", args=[row.customer_id]) + "#orders",
        )
        for row in rows.order_by("pk")[:MOST]
    ]
