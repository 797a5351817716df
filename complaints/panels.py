"""What complaints show on a customer's card: the open tickets, and every ticket on the timeline."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import page
from complaints.models import Complaint
from crm_site.accounts import policy
from crm_site.core import clock, formats
from crm_site.core.panels import Panel
from crm_site.core.timeline import COMPLAINTS, Event
from customers.models import Customer, Vehicle

MOST_EVENTS = 50
#: tickets of old registers in the panel; the timeline has them all
MOST_PAST = 3
#: tickets on the page of a car
MOST_OF_CAR = 10


def for_customer(request: HttpRequest, customer: Customer) -> list[Panel]:
    """The customer's open tickets, the latest of old registers, and the way to report one.

    Nothing for whoever sees no tickets.
    """
    if not policy.allows(request.user, "complaints.view", customer.store_id):
        return []
    now = clock.now()
    rows = Complaint.objects.visible_to(request.user).filter(customer=customer)
    tickets = list(rows.open().select_related("level").order_by("due_at")[:5])
    context = {
        "past": [
            {"ticket": one, "title": page.formats_title(one), "day": formats.day(one.received_at)}
            for one in rows.filter(historical=True).order_by("-received_at")[:MOST_PAST]
        ],
        "rows": [{"ticket": one, "title": page.formats_title(one), "status": page.status(one, now)} for one in tickets],
        "customer": customer,
        "may_report": policy.allows(request.user, "complaints.report", customer.store_id),
    }
    return [Panel(_("Complaints"), "complaints/customer_panel.html", context, position=10)]


def for_vehicle(request: HttpRequest, vehicle: Vehicle, people: Collection[int]) -> list[Panel]:
    """The tickets about a car by those who have to do with it now; nothing for whoever sees no tickets."""
    if not policy.allows(request.user, "complaints.view", vehicle.store_id):
        return []
    now = clock.now()
    rows = Complaint.objects.visible_to(request.user).filter(vehicle=vehicle, customer_id__in=people)
    tickets = rows.select_related("level").order_by("-received_at")[:MOST_OF_CAR]
    context = {
        "rows": [
            {
                "ticket": one,
                "title": page.formats_title(one),
                "status": None if one.historical else page.status(one, now),
            }
            for one in tickets
        ]
    }
    return [Panel(_("Complaints"), "complaints/vehicle_panel.html", context, position=10)] if context["rows"] else []


def events(user: Any, customer: Customer) -> list[Event]:
    """Every ticket of the customer that the user may see: when it came, and when it was closed."""
    rows = Complaint.objects.visible_to(user).filter(customer=customer).select_related("level")
    found = []
    for ticket in rows.order_by("-received_at")[:MOST_EVENTS]:
        url = reverse("complaints:detail", args=[ticket.pk])
        level = f" {ticket.level.code}" if ticket.level else ""
        title = f"{ticket.get_kind_display()}{level} · {ticket.number}"
        if ticket.historical:
            title = _("%(title)s (historical)") % {"title": title}
        found.append(
            Event(
                ticket.received_at, "chat-left-text", title, body=ticket.demand, quote=ticket.words or ticket.topic,
                url=url, kind="bad", day_only="received_at" in ticket.day_only,
                tab=COMPLAINTS,
            )
        )  # fmt: skip
        if ticket.closed_at:
            closed = _("%(number)s closed") % {"number": ticket.number}
            body = ticket.get_result_display() if ticket.result else ""
            day_only = "closed_at" in ticket.day_only
            found.append(
                Event(
                    ticket.closed_at, "check2", closed, body=body, url=url, kind="ok", day_only=day_only, tab=COMPLAINTS
                )
            )  # fmt: skip
    return found
