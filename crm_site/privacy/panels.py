"""What this room shows on a customer's card: who looked at a hidden fact of it."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm_site.accounts import policy
from crm_site.core.panels import Panel
from crm_site.privacy.queries import looks
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
