"""Why a customer or a car is on today's list or not: one sentence, then every rule with its facts and days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from crm_site.accounts import guard
from crm_site.core import clock, formats
from customers import following, search
from customers.models import ContactBan, Customer, Vehicle, VehicleRole
from revisits import reasons
from revisits.queries import why
from revisits.queries.why import Story

CAPABILITY = "revisits.why"


@guard.needs(CAPABILITY)
def find(request: HttpRequest) -> HttpResponse:
    """Whom to ask about; the words come by POST and stand in no address. Exactly one hit opens its answer."""
    typed = request.POST.get("q", "").strip()[:60]
    hits = search.find(request.user, typed) if typed else []
    if len(hits) == 1:
        return redirect("revisits:why_customer", hits[0].customer.pk)
    context = {"typed": typed, "hits": hits, "is_cut": len(hits) >= search.LIMIT}
    return render(request, "revisits/why_find.html", context)


@guard.needs(CAPABILITY)
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """Why this customer is on today's list or not."""
    following.lead_on(request, pk)
    row = guard.get_or_404(Customer.objects.select_related("store"), request, pk=pk)
    now, today = clock.now(), clock.today()
    roles = VehicleRole.objects.current(today).filter(customer=row, role=VehicleRole.Kind.OWNER)
    cars = [role.vehicle for role in roles.select_related("vehicle").order_by("pk")[:20]]
    told = why.of_customer(row, now=now, today=today)
    return _page(request, told, {"customer": row, "cars": cars, "title": row.name}, now, today)


@guard.needs(CAPABILITY)
def vehicle(request: HttpRequest, pk: int) -> HttpResponse:
    """Why this car is on today's list or not."""
    row = guard.get_or_404(Vehicle.objects.select_related("store"), request, pk=pk)
    now, today = clock.now(), clock.today()
    owner = VehicleRole.objects.current(today).filter(vehicle=row, role=VehicleRole.Kind.OWNER)
    owners = Customer.objects.visible_to(request.user).filter(pk__in=owner.values("customer_id"))
    told = why.of_vehicle(row, now=now, today=today)
    title = row.plate_no or formats.masked_vin(row.vin)
    context = {"customer": owners.first(), "vehicle": row, "cars": [row], "title": title}
    return _page(request, told, context, now, today)


def _page(request: HttpRequest, told: Story, context: dict[str, Any], now: datetime, today: date) -> HttpResponse:
    sentence = reasons.verdict(told.verdict, now, today)
    context |= {
        "sentence": sentence,
        "wishes": _wishes(context["customer"], today),
        "rules": [reasons.rule_story(one, now, today) for one in told.rules],
        "today": today,
    }
    return render(request, "revisits/why.html", context)


def _wishes(row: Customer | None, today: date) -> list[dict[str, str]]:
    """What the customer has asked for, whichever rule it stops."""
    if row is None:
        return []
    found = []
    if row.restricted:
        found.append({"word": _("Data is restricted: no calls at all"), "kind": "bad"})
    for ban in ContactBan.objects.in_force(today).filter(customer=row).select_related("vehicle"):
        words = {"purpose": ban.get_purpose_display(), "channel": ban.get_channel_display()}
        found.append({"word": _("Wish noted: %(purpose)s, %(channel)s") % words, "kind": "warn"})
    if not row.marketing_consent:
        found.append({"word": _("Has not agreed to renewal and marketing calls"), "kind": ""})
    return found
