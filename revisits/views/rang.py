"""“You rang me?”: a customer calls back, and any open call of theirs can be made at once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm_site.accounts import guard, policy
from crm_site.core import clock
from customers import following
from customers.models import Customer
from revisits.lines import origin, state_status
from revisits.models import Channel, Revisit


@guard.needs("revisits.call")
def rang(request: HttpRequest, pk: int) -> HttpResponse:
    """The open calls of a customer, each to be taken with the channel “customer called”; the number stays masked."""
    following.lead_on(request, pk)
    customer = guard.get_or_404(Customer.objects.select_related("store"), request, pk=pk)
    rows = Revisit.objects.visible_to(request.user).filter(customer=customer, head=None).open()
    wanted = rows.select_related(
        "rule", "rule_version", "vehicle", "delivery__sales_consultant", "repair_order", "complaint"
    )
    day = clock.today()
    context = {
        "customer": customer,
        "lines": [
            {"task": task, "origin": origin(task), "status": state_status(task, day)}
            for task in wanted.order_by("priority", "due_on", "pk")
        ],
        "incoming": Channel.INCOMING,
        "may_report": policy.allows(request.user, "complaints.report", customer.store_id),
    }
    return render(request, "revisits/rang.html", context)
