"""What this room shows on a customer's card: who looked at a hidden fact of it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import policy
from crm_site.core.panels import Panel
from crm_site.privacy import wording_merges
from crm_site.privacy.models import Merge
from crm_site.privacy.queries import duplicates, looks
from customers import sight
from customers.models import Customer
from customers.wording import LOOK_REASONS

#: looks that the panel names
FEW = 5


def looks_of_customer(request: HttpRequest, customer: Customer) -> list[Panel]:
    """The last looks at hidden facts of this card; nothing for whoever may not read the log."""
    if not policy.allows(request.user, "privacy.log", customer.store_id):
        return []
    rows = looks.looks_for(request.user).filter(customer=customer).select_related("employee")
    found = list(rows.order_by("-at", "-pk")[: FEW + 1])
    context = {
        "rows": [
            {
                "look": row,
                "fact": sight.FACTS.get(row.fact.partition(":")[0], row.fact),
                "why": LOOK_REASONS.get(row.reason, row.reason),
            }
            for row in found[:FEW]
        ],
        "has_more": len(found) > FEW,
        "customer": customer,
    }
    return [Panel(_("Who looked"), "privacy/looks_panel.html", context, position=90)]


def duplicates_of_customer(request: HttpRequest, customer: Customer) -> list[Panel]:
    """The pairs of this card that wait, what was merged into it, and the way to a merge."""
    if not policy.allows(request.user, duplicates.CAPABILITY, customer.store_id):
        return []
    rows = duplicates.pairs_for(request.user).filter(Q(one=customer) | Q(other=customer))
    pairs: list[dict[str, Any]] = [
        {
            "card": pair.other if pair.one_id == customer.pk else pair.one,
            "url": reverse("privacy:two_cards", args=[pair.one_id, pair.other_id]),
            "why": _(", ").join(wording_merges.reasons(pair.reasons)),
        }
        for pair in rows.select_related("one", "other").order_by("-score", "-pk")[:FEW]
    ]
    merges = Merge.objects.filter(survivor=customer, undone_at=None).select_related("merged").order_by("-pk")[:FEW]
    context = {"pairs": pairs, "merges": list(merges), "customer": customer}
    return [Panel(_("Duplicate cards"), "privacy/duplicates_panel.html", context, position=85)]
