"""The texts of one ticket, ready to be read out or copied: what follows once it is registered."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from complaints import texts as desk
from complaints.actions import quick
from complaints.models import Complaint
from crm_site.accounts import guard, policy
from crm_site.core import clock


@guard.needs("complaints.view")
def texts(request: HttpRequest, pk: int) -> HttpResponse:
    """Acknowledgement, dispatch and, for L4, the report to the manufacturer, with the ticket's facts filled in.

    A POST asks for the whole VIN in that report, and is written down.
    """
    rows = Complaint.objects.select_related("store", "level", "category__parent", "customer", "vehicle", "handler")
    ticket = guard.get_or_404(rows.prefetch_related("customer__phones"), request, pk=pk)
    link = request.build_absolute_uri(reverse("complaints:detail", args=[ticket.pk]))
    may_reveal = policy.allows(request.user, "customers.reveal", ticket.store_id)
    shows_vin = may_reveal and request.method == "POST"
    if shows_vin:
        quick.show_vin(ticket, by=guard.acting(request, ticket.store_id), now=clock.now())
    context = {
        "ticket": ticket,
        "ready": desk.ready(ticket, link, clock.today(), whole_vin=shows_vin),
        "offers_vin": may_reveal and not shows_vin,
        "is_new": (clock.now() - ticket.received_at).days < 1 and ticket.is_open and not ticket.accepted_at,
        "may_report": policy.allows(request.user, "complaints.report", ticket.store_id),
    }
    return render(request, "complaints/texts.html", context)
