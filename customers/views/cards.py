"""Making and restricting a card."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from customers.actions import cards
from customers.alike import Alike
from customers.forms import NewCustomerForm, ReasonForm
from customers.models import Customer
from customers.views.access import editable_or_404, form_page, saved, try_to
from customers.views.alike import warned


@guard.needs("customers.edit")
def new(request: HttpRequest) -> HttpResponse:
    """Add a customer with a first number."""
    form = NewCustomerForm(request.POST or None, user=request.user)  # type: ignore[arg-type]
    alike = _alike(request, form) if request.method == "POST" and form.is_valid() else []
    if request.method == "POST" and form.is_valid() and not alike:
        values = form.cleaned_data
        store, submission, phone = values["store"], values["submission"], values["phone"]
        by = guard.acting(request, store.pk)
        try:
            made = cards.create_customer(
                store, values=values, phone=phone, submission=submission, by=by, now=clock.now()
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, _("The card is there. Add the car next."))
            return redirect("customers:card", made.pk)
    return form_page(request, "customers/new.html", {"form": form, "alike": alike})


def _alike(request: HttpRequest, form: NewCustomerForm) -> list[Alike]:
    """The cards to be looked at first; none for a second click, which gives the card that the first has made."""
    sent = form.cleaned_data
    made = Customer.objects.filter(store=sent["store"], submission=sent["submission"]).exists()
    return [] if made else warned(request, sent)


@guard.needs("customers.restrict")
def restrict(request: HttpRequest, pk: int) -> HttpResponse:
    """Restrict a card, or take the restriction back; either with a reason."""
    customer, by = editable_or_404(request, pk, "customers.restrict")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        act = cards.unrestrict if customer.restricted else cards.restrict
        if try_to(form, lambda: act(pk, reason=form.cleaned_data["reason"], by=by)):
            return saved(request, customer)
    return form_page(request, "customers/restrict.html", {"form": form, "customer": customer})
