"""The printable complaint slip of one ticket."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from complaints import slip as paper
from complaints.models import Complaint
from crm_site.accounts import guard
from crm_site.core import clock

RELATED = (
    "store", "level", "category__parent", "customer", "vehicle", "repair_order", "delivery", "handler", "accused",
    "reported_by",
)  # fmt: skip


@guard.needs("complaints.view")
def slip(request: HttpRequest, pk: int) -> HttpResponse:
    """One A4 page with the facts, the words, and four lines to sign."""
    rows = Complaint.objects.select_related(*RELATED).prefetch_related("customer__phones", "liabilities__employee")
    ticket = guard.get_or_404(rows, request, pk=pk)
    context = {
        "ticket": ticket,
        "facts": paper.short_fields(ticket),
        "words": paper.long_fields(ticket),
        "signatures": paper.signatures(),
        "printed": clock.now(),
    }
    return render(request, "complaints/slip.html", context)
