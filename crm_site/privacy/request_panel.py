"""On a customer's card: what they asked about their data, and where a new request is taken."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm_site.accounts import policy
from crm_site.core import clock
from crm_site.core.panels import Panel
from crm_site.privacy.actions.requests import WAITING_FOR_US
from crm_site.privacy.models import DataRequest
from customers.models import Customer

#: requests that the panel shows
FEW = 5


def for_customer(request: HttpRequest, customer: Customer) -> list[Panel]:
    """The requests of this customer, for whoever answers for them; nothing for anybody else."""
    if not policy.allows(request.user, "privacy.requests", customer.store_id):
        return []
    today = clock.today()
    rows = [
        {"asked": one, "late": one.state in WAITING_FOR_US and one.due_on < today}
        for one in DataRequest.objects.filter(customer=customer)[:FEW]
    ]
    may_take = customer.anonymised_on is None
    context = {"rows": rows, "customer": customer, "may_take": may_take}
    return [Panel(_("Personal data"), "privacy/request_panel.html", context, position=90)]
