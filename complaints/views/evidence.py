"""Asking for the evidence pack of a ticket, and the packs that there are."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from complaints.actions import evidence
from complaints.forms.evidence import EvidenceForm
from complaints.models import Complaint
from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse


@guard.needs("complaints.evidence")
def pack(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: the packs that were made, and the form; POST has another one built."""
    ticket = guard.get_or_404(Complaint.objects.select_related("store"), request, pk=pk)
    if request.method != "POST":
        return _page(request, ticket, EvidenceForm())
    form = EvidenceForm(request.POST)
    by = guard.acting(request, ticket.store_id)
    if not form.is_valid():
        return _page(request, ticket, form, status=422)
    values: dict[str, Any] = {**form.cleaned_data, "language": get_language() or "zh-hans"}
    try:
        evidence.ask(ticket.pk, **values, by=by, now=clock.now())
    except RuleBroken as refused:
        refuse(form, refused)
        return _page(request, ticket, form, status=403 if refused.code == "conflict" else 422)
    messages.success(request, _("The evidence pack is being built; you get a notice when it is ready."))
    return redirect("complaints:evidence", pk=pk)


def _page(request: HttpRequest, ticket: Complaint, form: EvidenceForm, status: int = 200) -> HttpResponse:
    employee = request.user.employee_in(ticket.store_id)  # type: ignore[union-attr]
    barred = evidence.is_about(ticket, employee)
    context = {"ticket": ticket, "form": form, "packs": evidence.packs(ticket.pk), "barred": barred}
    return render(request, "complaints/evidence/page.html", context, status=status)
