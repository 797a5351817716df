"""Making, correcting and restricting a card."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from customers.actions import cards
from customers.actions.editing import Overlap
from customers.forms import CustomerForm, NewCustomerForm, ReasonForm
from customers.models import Phone
from customers.views.access import customer_or_404, editable_or_404, form_page, saved, show_overlap, try_to


@guard.needs("customers.edit")
def new(request: HttpRequest) -> HttpResponse:
    """Add a customer with a first number."""
    form = NewCustomerForm(request.POST or None, user=request.user)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
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
    return form_page(request, "customers/new.html", {"form": form})


@guard.needs("customers.edit")
@never_cache
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct the facts of a card; who changed the same fields meanwhile is not overwritten."""
    customer, by = editable_or_404(request, pk)
    form = CustomerForm.of(customer, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            cards.edit_customer(pk, values=form.wanted(), seen=form.shown_values(), by=by)
        except Overlap as overlap:
            form = show_overlap(form, CustomerForm.of(customer), overlap)
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            return saved(request, customer)
    return form_page(request, "customers/edit.html", {"form": form, "customer": customer, "sections": _sections(form)})


def _sections(form: CustomerForm) -> list[tuple[str, list[Any]]]:
    """The fields of the form in the groups of the card."""
    groups = [
        (_("Basics"), ("name", "customer_type", "value_class", "number", "salutation", "sex", "birthday")),
        (_("Where to reach"), ("province", "city", "district", "address", "email", "preferred_time")),
        (_("Work and life"), ("employer", "industry", "occupation", "hobbies")),
        (_("Consent and notes"), ("marketing_consent", "source", "note")),
    ]
    return [(title, [form[name] for name in names]) for title, names in groups]


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


@guard.needs("customers.reveal")
@require_POST
@never_cache
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """The full number, once, in this answer; the look is written down."""
    phone = guard.get_or_404(Phone.objects, request, pk=pk)
    customer = customer_or_404(request, phone.customer_id)
    guard.require(request, "customers.reveal", phone)
    number = cards.reveal_phone(phone.pk, by=guard.acting(request, phone.store_id))
    template = "customers/revealed.html" if request.htmx else "customers/revealed_page.html"  # type: ignore[attr-defined]
    return render(request, template, {"number": number, "customer": customer})
