"""How every page of a card begins: the customer that the user may see, and what they may do there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from crm_site.accounts import guard
from crm_site.accounts.models import Employee
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse, tell_standing
from customers import following
from customers.actions.editing import Overlap
from customers.models import Customer


def customer_or_404(request: HttpRequest, pk: int | None) -> Customer:
    """A customer of the visible stores; restricted ones are found only by those who may restrict.

    A card that was merged leads to the one that stands for it (customers.following).
    """
    following.lead_on(request, pk)
    return guard.get_or_404(Customer.objects.select_related("store"), request, pk=pk)


def editable_or_404(
    request: HttpRequest, pk: int | None, capability: str = "customers.edit"
) -> tuple[Customer, Employee]:
    """A customer whom the user may change, and as whom they act."""
    customer = customer_or_404(request, pk)
    guard.require(request, capability, customer)
    return customer, guard.acting(request, customer.store_id)


def form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page with a form; 422 when it comes back with errors."""
    return render(request, template, context, status=422 if context["form"].is_bound else 200)


def try_to(form: Any, act: Any) -> bool:
    """Do what a valid form asks for; a refusal is shown on the form. Gives whether it was done."""
    try:
        act()
    except RuleBroken as broken:
        refuse(form, broken)
        return False
    return True


def show_overlap(form: Any, fresh: Any, overlap: Overlap) -> Any:
    """The form again with what the person typed and, at each field, what somebody else has put there meanwhile.

    It now counts as shown, so that saving once more is a decision and is kept; fields that the person left alone stay
    as somebody else has put them.
    """
    data = form.data_over(fresh)
    again = form.again(data) if hasattr(form, "again") else type(form)(data)
    again.is_valid()
    refuse(again, overlap)
    tell_standing(again, overlap.standing)
    return again


def saved(request: HttpRequest, customer: Customer, anchor: str = "") -> HttpResponse:
    """Back to the card with a word that it is done."""
    messages.success(request, _("Saved."))
    answer = redirect("customers:card", customer.pk)
    answer["Location"] += f"#{anchor}" if anchor else ""
    return answer
