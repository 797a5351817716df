"""The page of one car: its facts, dates, plates and visits, and who is what to it from when to when."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard, policy
from crm_site.core import clock, formats, hooks, plates
from customers import holders, wording
from customers.actions import dates
from customers.models import Vehicle
from customers.views.bookings import of_card
from customers.views.card import car_name

#: visits and deliveries shown at once
FEW, ALL = 20, 300


@guard.needs("customers.view")
@never_cache
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One car; `?all=orders` shows every visit. A fixed number of queries, whatever the car has been through."""
    vehicle: Vehicle = guard.get_or_404(Vehicle.objects.select_related("store"), request, pk=pk)
    today = clock.today()
    may_restrict = policy.allows(request.user, "customers.restrict", vehicle.store_id)
    people = holders.of_car(vehicle, today, sees_restricted=may_restrict)
    wants_all = request.GET.get("all") == "orders"
    context = {
        "vehicle": vehicle,
        "name": car_name(vehicle),
        "plate": plates.grouped(vehicle.plate_no),
        "people": people,
        "owner": people.owner,
        "facts": _facts(vehicle),
        "dates": due_dates(vehicle),
        "former_plates": [plates.grouped(one.plate_no) + " " + _until(one) for one in vehicle.former_plates.all()],
        "visits": _visits(vehicle, people, ALL if wants_all else FEW),
        "deliveries": _deliveries(vehicle, people),
        "bookings": of_card([vehicle.pk], today, people.present),
        "panels": _panels(request, vehicle, people),
        **_rights(request, vehicle),
    }
    return render(request, "customers/car.html", context)


def _rights(request: HttpRequest, vehicle: Vehicle) -> dict[str, bool]:
    capabilities = {"may_edit": "customers.edit", "may_book": "customers.bookings"}
    return {name: policy.allows(request.user, what, vehicle.store_id) for name, what in capabilities.items()}


def _until(former: Any) -> str:
    return _("until %(until)s") % {"until": former.until.isoformat()}


def _facts(vehicle: Vehicle) -> list[dict[str, Any]]:
    """What the car is, and the days that were told; an empty one is shown, so that it is asked for."""
    sold_here = {None: "", True: _("Yes"), False: _("No")}[vehicle.sold_here]
    told = [
        (_("Brand"), vehicle.brand),
        (_("Series"), vehicle.series),
        (_("Model"), vehicle.model),
        (_("Colour"), vehicle.colour),
        (_("Power"), vehicle.get_power_display()),
        (_("Usage"), vehicle.get_usage_display()),
        (_("Purchased on"), _day(vehicle.purchased_on)),
        (_("Sold here"), sold_here),
        (_("Registered on"), _day(vehicle.registered_on)),
        (_("Warranty until"), _day(vehicle.warranty_until)),
        (_("Insured until"), _day(vehicle.insurance_until)),
        (_("Inspection due on"), _day(vehicle.inspection_due_on)),
    ]
    return [{"term": term, "text": text} for term, text in told]


def _day(day: Any) -> str:
    return day.isoformat() if day else ""


def due_dates(vehicle: Vehicle) -> list[dict[str, Any]]:
    """What is reckoned of a car, each with its reason."""
    found = dates.explain([vehicle])[vehicle.pk]
    lines = [
        {"term": line["term"], "text": line["day"].isoformat(), "note": line["why"]}
        for line in wording.due_lines(vehicle, found)
    ]
    if found.last_seen_on:
        lines.append({"term": _("Last seen"), "text": found.last_seen_on.isoformat(), "note": ""})
    if vehicle.last_mileage_km is not None:
        lines.append({"term": _("Mileage"), "text": f"{formats.number(vehicle.last_mileage_km)} km", "note": ""})
    if found.daily_km:
        pace = _("%(km)s km a day") % {"km": formats.number(found.daily_km)}
        lines.append({"term": _("Pace"), "text": pace, "note": _("between the first and the newest mileage")})
    return lines


def _visits(vehicle: Vehicle, people: holders.Holders, limit: int) -> dict[str, Any]:
    rows = vehicle.repair_orders.select_related("service_advisor", "rework_of").order_by("-checked_in_on", "-pk")
    found = list(rows[: limit + 1])
    return {"rows": holders.visits(found[:limit], people), "more": len(found) > limit}


def _deliveries(vehicle: Vehicle, people: holders.Holders) -> list[dict[str, Any]]:
    rows = vehicle.deliveries.select_related("sales_consultant").order_by("-delivered_on", "-pk")[:FEW]
    return [{"delivery": one, "is_full": people.knows(one.customer_id)} for one in rows]


def _panels(request: HttpRequest, vehicle: Vehicle, people: holders.Holders) -> list[Any]:
    """What the higher rooms know of the car and of those who have to do with it now."""
    found = [panel for tell in hooks.load("VEHICLE_PANELS") for panel in tell(request, vehicle, people.present)]
    return sorted(found, key=lambda panel: panel.position)
