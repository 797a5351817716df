"""Correcting a card: every fact that its store has switched on, and what somebody else changed meanwhile."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from customers import profile
from customers.actions import cards
from customers.actions.editing import Overlap
from customers.forms.profile import PREFIX, CardForm
from customers.models import Customer
from customers.sight import Sight
from customers.views.access import editable_or_404, form_page, saved, show_overlap


@guard.needs("customers.edit")
@never_cache
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct the facts of a card; who changed the same fields meanwhile is not overwritten."""
    customer, by = editable_or_404(request, pk)
    form = _form(request, customer, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            cards.edit_customer(
                pk, values=form.wanted(), seen=form.seen(), by=by, now=clock.now(), facts=form.wanted_facts(),
                facts_seen=form.seen_facts(),
            )  # fmt: skip
        except Overlap as overlap:
            form = show_overlap(form, _form(request, customer), _at_fields(form, overlap))
        except RuleBroken as broken:
            refuse(form, RuleBroken(broken.message, code=broken.code, field=_place(form, broken.field)))
        else:
            return saved(request, customer)
    return form_page(request, "customers/edit.html", {"form": form, "customer": customer})


def _form(request: HttpRequest, customer: Customer, data: Any = None) -> CardForm:
    rows = [row for row in profile.fields_for(customer.store_id, customer.customer_type) if profile.is_plain(row)]
    values = profile.values_of([customer.pk]).get(customer.pk, {})
    return CardForm(data, customer=customer, rows=rows, values=values, sight=Sight.of(request.user, customer.store_id))


def _at_fields(form: CardForm, overlap: Overlap) -> Overlap:
    """The overlap by the names of the form's fields."""
    return Overlap({_place(form, name): standing for name, standing in overlap.standing.items()})


def _place(form: CardForm, name: str) -> str:
    return name if name in form.fields else PREFIX + name
