"""What to ask today at the counter: one line for each customer in the house or expected, filled in right there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee
from crm_site.core import clock
from customers import wording
from customers.actions import reception as told
from customers.care import reception
from customers.forms.reception import AskedForm
from customers.sight import Sight
from customers.views.access import customer_or_404, try_to
from customers.views.reception import tabs

CAPABILITY = reception.CAPABILITY


@guard.needs(CAPABILITY)
@never_cache
def to_ask(request: HttpRequest) -> HttpResponse:
    """Everybody of today of whom a fact is to be asked; who has told it leaves the list."""
    return _page(request, {})


def _page(request: HttpRequest, forms: dict[int, AskedForm], status: int = 200) -> HttpResponse:
    visitors = reception.to_ask(request.user, clock.today())
    context = {
        "lines": [_line(request, visitor, forms) for visitor in visitors],
        "count": len(visitors),
        "today": clock.today(),
        "tabs": tabs(request, "to_ask"),
        "many_stores": len(policy.stores_allowing(request.user, CAPABILITY)) > 1,
    }
    return render(request, "customers/care/to_ask.html", context, status=status)


def _line(request: HttpRequest, visitor: reception.Visitor, forms: dict[int, AskedForm]) -> dict[str, Any]:
    customer = visitor.customer
    sight = Sight.of(request.user, customer.store_id)
    return {
        "visitor": visitor,
        "form": forms.get(customer.pk) or AskedForm(facts=visitor.facts, pk=customer.pk),
        "address": sight.value("address", customer.address),
        "may_confirm": bool(customer.address) and sight.shows("address") and not customer.address_bad_since,
        "why_phone": wording.check_reason(customer.check_phone_reason) if customer.check_phone_since else "",
    }


@guard.needs(CAPABILITY)
@require_POST
def asked(request: HttpRequest, pk: int) -> HttpResponse:
    """What one customer said; a fact asked of nobody any more (somebody else was quicker) is left as it is."""
    customer = customer_or_404(request, pk)
    guard.require(request, CAPABILITY, customer)
    found = reception.to_ask(request.user, clock.today(), only=customer.pk)
    if not found:
        messages.info(request, _("%(name)s has been asked already.") % {"name": customer.name})
        return redirect("customers:to_ask")
    visitor = found[0]
    form = AskedForm(request.POST, facts=visitor.facts, pk=customer.pk)
    by = guard.acting(request, customer.store_id)
    if form.is_valid() and try_to(form, lambda: _keep(form, visitor, by)):
        messages.success(request, _("Noted what %(name)s said.") % {"name": customer.name})
        return redirect("customers:to_ask")
    return _page(request, {customer.pk: form}, status=422)


def _keep(form: AskedForm, visitor: reception.Visitor, by: Employee) -> None:
    said = told.Said(**form.said(), vehicle_id=visitor.car.pk if visitor.car else None)
    told.said(visitor.customer.pk, said, by=by, now=clock.now())
