"""客户档案卡: the card on one A4 page, masked as the printing person sees it, with their name and the moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard
from crm_site.core import clock, formats
from customers import profile
from customers.models import Customer, OrderState, Phone, VehicleRole
from customers.sight import Sight
from customers.views import facts
from customers.views.access import customer_or_404

#: what fits on one page beside the facts; the rest is counted
MOST_CARS, MOST_PEOPLE, MOST_VISITS, MOST_FACTS = 5, 4, 5, 30


@guard.needs("customers.view")
@never_cache
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """One A4 page: who, numbers and contacts, facts, cars, the last visits, consent and limits."""
    customer = customer_or_404(request, pk)
    sight, today = Sight.of(request.user, customer.store_id), clock.today()
    fields = profile.fields_for(customer.store_id, customer.customer_type)
    told = facts.sections(customer, fields, sight)
    rows = [row for group in told["groups"] for row in group["rows"] if row["term"]]
    state = profile.state_of(customer, fields=fields)
    context = {
        "customer": customer,
        "head": _head(customer, state),
        "facts": rows[:MOST_FACTS],
        "people": _people(customer, sight),
        "cars": _cars(customer),
        "visits": _visits(customer, sight),
        "limits": _limits(customer, today),
        "note": sight.words(customer.note),
        "printed": clock.now(),
        "by": request.user.name,  # type: ignore[union-attr]
    }
    return render(request, "customers/paper.html", context)


def _head(customer: Customer, state: profile.State) -> list[dict[str, str]]:
    """The first lines: number, kind, class, and how complete the card is."""
    lines = [
        (_("Customer number"), customer.number or ""),
        (_("Name"), f"{customer.name} {customer.salutation}".strip()),
        (_("Customer type"), customer.get_customer_type_display()),
        (_("Customer class"), customer.get_value_class_display()),
        (_("After-sales class"), customer.get_loyalty_class_display()),
        (_("Looked after by"), customer.keeper.name if customer.keeper else ""),
        (_("Card made on"), f"{clock.business_day(customer.created_at):%Y-%m-%d}"),
        (_("Completeness of the card"), f"{state.filled} / {len(state.asked)}"),
    ]
    return [{"term": term, "text": text} for term, text in lines if text]


def _limits(customer: Customer, today: date) -> list[dict[str, str]]:
    """What the customer agreed to, and what they do not want."""
    consent = {None: _("Never asked"), True: _("Agrees"), False: _("Does not agree")}[customer.marketing_consent]
    unwanted = _(", ").join(ban.get_purpose_display() for ban in customer.bans.in_force(today))
    return [{"term": _("Marketing consent"), "text": consent}, {"term": _("Unwanted"), "text": unwanted}]


def _people(customer: Customer, sight: Sight) -> dict[str, Any]:
    """The customer and the contacts who are still there, each with the good numbers."""
    numbers: dict[int | None, list[str]] = {}
    for phone in Phone.objects.filter(customer=customer, bad_since=None).order_by("rank", "pk"):
        numbers.setdefault(phone.contact_id, []).append(sight.value("phone", phone.number))
    own = {"name": customer.name, "role": customer.get_customer_type_display(), "numbers": numbers.get(None, [])}
    around = [
        {"name": one.name, "role": _joined([one.get_identity_display(), one.title]), "numbers": numbers.get(one.pk, [])}
        for one in customer.contacts.filter(left_on=None).order_by("name")
    ]
    return _cut([own, *around], MOST_PEOPLE)


def _cars(customer: Customer) -> dict[str, Any]:
    """The cars that the customer has to do with now."""
    roles = VehicleRole.objects.filter(customer=customer, until=None).select_related("vehicle").order_by("-vehicle_id")
    found: dict[int, dict[str, Any]] = {}
    for role in roles:
        line = found.setdefault(role.vehicle_id, {"vehicle": role.vehicle, "roles": []})
        if role.get_role_display() not in line["roles"]:
            line["roles"].append(role.get_role_display())
    return _cut(list(found.values()), MOST_CARS)


def _visits(customer: Customer, sight: Sight) -> list[dict[str, Any]]:
    """The last visits to the workshop."""
    rows = customer.repair_orders.exclude(state=OrderState.VOID).select_related("vehicle")
    return [
        {
            "order": order,
            "items": sight.words(order.items),
            "total": "" if order.total_fee is None else formats.money(order.total_fee),
        }
        for order in rows.order_by("-checked_in_on", "-pk")[:MOST_VISITS]
    ]


def _cut(rows: list[dict[str, Any]], most: int) -> dict[str, Any]:
    return {"rows": rows[:most], "more": max(0, len(rows) - most)}


def _joined(parts: Iterable[str]) -> str:
    return _(", ").join(part for part in parts if part)
