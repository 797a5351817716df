"""Addresses that cannot be trusted, and the steps that mend them: confirm, found wrong, correct."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.core import clock, paging
from crm_site.core.errors import RuleBroken
from crm_site.core.urls import with_query
from customers.actions import cleaning
from customers.care import addresses, pages
from customers.models import Customer, VehicleRole
from customers.rules import addresses as rules
from customers.sight import Sight
from customers.views.access import editable_or_404, saved


@guard.needs("customers.care")
@never_cache
def stale(request: HttpRequest) -> HttpResponse:
    """The list: all, those known to be wrong, or those not confirmed for long (`state`)."""
    today, state = clock.today(), request.GET.get("state", "")
    which = addresses.condition(state, today) if state in (rules.BAD, rules.STALE) else addresses.untrusted(today)
    roles = VehicleRole.objects.filter(until=None, contact=None).select_related("vehicle").order_by("pk")
    rows = addresses.rows(request.user).filter(which)
    shown = rows.select_related("store").prefetch_related(
        Prefetch("vehicle_roles", queryset=roles, to_attr="present_roles")
    )
    page = paging.paginate(shown, order=["pk"], cursor=request.GET.get("after", ""))
    context = {
        "lines": [_line(request, customer) for customer in page],
        "count": paging.capped_count(rows),
        "next_url": with_query(request, after=page.next) if page.next else "",
        "previous_url": with_query(request, after=page.previous) if page.previous else "",
        "fields": [{"name": "state", "label": _("State"), "value": state, "options": _options()}],
        "tabs": pages.tabs(request.user, "addresses"),
        "months": rules.STALE_MONTHS,
        "many_stores": len(policy.stores_allowing(request.user, addresses.CAPABILITY)) > 1,
    }
    return render(request, "customers/care/addresses.html", context)


def _options() -> list[tuple[str, str]]:
    return [("", _("All")), (rules.BAD, _("Known to be wrong")), (rules.STALE, _("Not confirmed for long"))]


def _line(request: HttpRequest, customer: Any) -> dict[str, Any]:
    return {
        "customer": customer,
        "address": Sight.of(request.user, customer.store_id).value("address", full(customer)),
        "car": next((role.vehicle for role in customer.present_roles), None),
        "may_edit": policy.allows(request.user, "customers.edit", customer.store_id),
    }


def full(customer: Customer) -> str:
    """The whole address in the order in which it is written; a municipality is province and city in one."""
    city = "" if customer.city == customer.province else customer.city
    return "".join((customer.province, city, customer.district, customer.address))


@guard.needs("customers.phone_checks")
@require_POST
def address_state(request: HttpRequest, pk: int) -> HttpResponse:
    """One step about an address: `step` is "right", or why it is wrong (RETURNED, TOLD)."""
    customer, by = editable_or_404(request, pk, "customers.phone_checks")
    step, today = request.POST.get("step", ""), clock.today()
    try:
        if step == "right":
            if not Sight.of(request.user, customer.store_id).shows("address"):
                guard.refuse(request, "sight", customer)  # nobody calls right what they cannot read
            cleaning.confirm_address(pk, by=by, on=today)
        else:
            cleaning.address_bad(pk, reason=step, by=by, on=today)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect("customers:card", pk)
    if request.POST.get("back") == "list":
        messages.success(request, _("The address of %(name)s is settled.") % {"name": customer.name})
        return redirect("customers:care_addresses")
    return saved(request, customer, "facts")
