"""What complaints show on a customer's card: the open tickets, and every ticket on the timeline."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import page
from complaints.models import Complaint
from crm_site.accounts import policy
from crm_site.core import clock
from crm_site.core.panels import Panel
from crm_site.core.timeline import Event
from customers.models import Customer

MOST_EVENTS = 50


def for_customer(request: HttpRequest, customer: Customer) -> list[Panel]:
    """The customer's open tickets, and the way to report one; nothing for whoever sees no tickets."""
    if not policy.allows(request.user, "complaints.view", customer.store_id):
        return []
    now = clock.now()
    rows = Complaint.objects.visible_to(request.user).filter(customer=customer).open()
    tickets = list(rows.select_related("level").order_by("due_at")[:5])
    context = {
        "rows": [{"ticket": one, "title": page.formats_title(one), "status": page.status(one, now)} for one in tickets],
        "customer": customer,
        "may_report": policy.allows(request.user, "complaints.report", customer.store_id),
    }
    return [Panel(_("Complaints"), "complaints/customer_panel.html", context, position=10)]


def events(user: Any, customer: Customer) -> list[Event]:
    """Every ticket of the customer that the user may see: when it came, and when it was closed."""
    rows = Complaint.objects.visible_to(user).filter(customer=customer).select_related("level")
    found = []
    for ticket in rows.order_by("-received_at")[:MOST_EVENTS]:
        url = reverse("complaints:detail", args=[ticket.pk])
        level = f" {ticket.level.code}" if ticket.level else ""
        title = f"{ticket.get_kind_display()}{level} · {ticket.number}"
        found.append(
            Event(
                ticket.received_at, "chat-left-text", title, body=ticket.demand, quote=ticket.words, url=url, kind="bad"
            )
        )
        if ticket.closed_at:
            closed = _("%(number)s closed") % {"number": ticket.number}
            body = ticket.get_result_display() if ticket.result else ""
            found.append(Event(ticket.closed_at, "check2", closed, body=body, url=url, kind="ok"))
    return found
