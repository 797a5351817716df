"""Reporting what a customer is unhappy about: the customer is found on the form itself, nothing personal in the URL."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from complaints import actions, queries
from complaints.forms import ReportForm
from complaints.models import Complaint
from crm_site.accounts import guard, policy
from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from customers import search
from customers.models import Customer

MOST_HITS = 8


@guard.needs("complaints.report")
def new(request: HttpRequest) -> HttpResponse:
    """The form: GET shows it (`?customer=<id>` takes one along), POST finds a customer or opens the ticket."""
    if request.method == "POST":
        return _posted(request)
    customer = _customer(request, request.GET.get("customer", ""))
    return _page(request, _form(request, None, customer))


def _posted(request: HttpRequest) -> HttpResponse:
    taken = request.POST.get("take")
    customer = _customer(request, request.POST.get("customer", "") if taken is None else taken)
    if "find" in request.POST or taken is not None:
        return _page(request, _half(request, customer), typed=request.POST.get("typed", "") if taken is None else "")
    form = _form(request, request.POST, customer)
    if not form.is_valid():
        return _page(request, form, status=422)
    values = form.arguments()
    by = guard.acting(request, values["store_id"])
    try:
        ticket = actions.open_ticket(**values, reported_by=by, now=clock.now())
    except RuleBroken as refused:
        refuse(form, refused)
        return _page(request, form, status=422)
    messages.success(request, _("%(number)s is registered; the clock runs.") % {"number": ticket.number})
    return redirect("complaints:detail", pk=ticket.pk)


def _half(request: HttpRequest, customer: Customer | None) -> ReportForm:
    """The form with everything typed so far, not yet judged; only the choices that hang on the customer are new."""
    typed = {name: value for name, value in request.POST.items() if name not in {"customer", "vehicle", "job", "store"}}
    return _form(request, None, customer, initial=typed)


def _form(request: HttpRequest, data: Any, customer: Customer | None, **kwargs: Any) -> ReportForm:
    now = clock.now()
    stores = Store.objects.filter(pk__in=policy.stores_allowing(request.user, "complaints.report"))
    day = clock.business_day(now)
    return ReportForm(data, stores=stores, customer=customer, now=now.replace(second=0), day=day, **kwargs)


def _customer(request: HttpRequest, pk: str) -> Customer | None:
    """The customer on the form: one that the user may see, in a store where the user may report."""
    if not pk.isdecimal():
        return None
    stores = policy.stores_allowing(request.user, "complaints.report")
    rows = Customer.objects.filter(store_id__in=stores, restricted=False).select_related("store")
    return guard.get_or_404(rows, request, pk=int(pk[:18]))


def _hits(request: HttpRequest, typed: str) -> list[dict[str, Any]]:
    """Whom the search may mean, each with what tells people of the same name apart."""
    stores = policy.stores_allowing(request.user, "complaints.report")
    found = {hit.customer.pk: hit.customer for hit in search.find(request.user, typed, limit=MOST_HITS)}
    known = {pk: one for pk, one in found.items() if one.store_id in stores}
    prefetch_related_objects(list(known.values()), "phones", "vehicle_roles__vehicle")
    return [
        {
            "customer": customer,
            "cars": [role.vehicle for role in customer.vehicle_roles.all() if role.until is None][:3],
            "phone": next((phone.number for phone in customer.phones.all()), ""),
        }
        for customer in known.values()
    ]


def _page(request: HttpRequest, form: ReportForm, *, typed: str | None = None, status: int = 200) -> HttpResponse:
    customer = form.chosen
    open_tickets = Complaint.objects.none()
    if customer is not None:
        open_tickets = queries.open_of_customer(customer.pk).visible_to(request.user).select_related("level")
    context = {
        "form": form,
        "customer": customer,
        "typed": typed,
        "hits": _hits(request, typed) if typed else [],
        "open_tickets": list(open_tickets[:5]),
    }
    return render(request, "complaints/new.html", context, status=status)
