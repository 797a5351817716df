"""The card: who the customer is, their cars, what happened, and what every room has to say about them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm_site.accounts import policy
from crm_site.accounts.guard import needs
from crm_site.core import clock, hooks, plates
from crm_site.core.timeline import WORKSHOP
from customers import profile, wording
from customers.actions import dates
from customers.care import addresses, numbers
from customers.models import Customer, OrderState, Phone, Vehicle, VehicleRole
from customers.rules.forecast import Forecast
from customers.sight import Sight
from customers.views import earlier, facts, story, wishes
from customers.views import place as in_list
from customers.views.access import customer_or_404
from customers.views.bookings import of_card
from customers.views.classing.panel import classes_of

FEW_ORDERS, ALL = 8, 200
#: cars on the card; all of them stand on the page of the fleet
MOST_CARS = 12
#: panels from this position on tell of the card itself: they stand at the foot of the side column
QUIET = 80
#: days before an end at which it is marked
SOON = 45


@needs("customers.view")
@never_cache
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """One customer; `?show=` one part of the timeline, `?all=orders` and `?all=events` everything of a kind."""
    customer = customer_or_404(request, pk)
    today = clock.today()
    sight = Sight.of(request.user, customer.store_id)
    phones = list(customer.phones.select_related("contact").order_by("rank", "pk"))
    bans = list(customer.bans.in_force(today).select_related("vehicle", "set_by"))
    cars, car_count = _cars(customer, today)
    fields = profile.fields_for(customer.store_id, customer.customer_type)
    context = {
        "customer": customer,
        "place": in_list.of_card(request, customer),
        "first_phone": next((phone for phone in phones if phone.bad_since is None), None),
        "people": _people(customer, phones, today),
        "address_state": addresses.state_of(customer, today),
        "bans": bans,
        "classes": classes_of(request, customer),
        "leading_phone": phones[0] if phones else None,
        "check_why": wording.check_reason(customer.check_phone_reason),
        "cars": cars,
        "car_count": car_count,
        "earlier": earlier.visits_before(customer),
        "said": wishes.of_card(customer),
        "bookings": of_card([car["vehicle"].pk for car in cars], today, [customer.pk]),
        "spent": _spent(customer, today),
        "facts": facts.sections(customer, fields, sight),
        "meter": facts.meter(customer, fields, today),
        **_panels(request, customer),
        "events": story.timeline(request, customer),
        "shown": sight.shown,
        **_rights(request, customer),
    }
    if story.tab_of(request) == WORKSHOP:
        context |= _workshop(customer, ALL if request.GET.get("all") == "orders" else FEW_ORDERS)
    return render(request, "customers/card.html", context)


def _workshop(customer: Customer, limit: int) -> dict[str, Any]:
    """The tables beside the workshop's part of the timeline."""
    return {
        "orders": _orders(customer, limit),
        "deliveries": _deliveries(customer),
    }


def _rights(request: HttpRequest, customer: Customer) -> dict[str, bool]:
    """What the user may do on this card."""
    capabilities = {
        "may_edit": "customers.edit",
        "may_reveal": "customers.reveal",
        "may_restrict": "customers.restrict",
        "may_report": "complaints.report",
        "may_book": "customers.bookings",
        "may_check": "customers.phone_checks",
    }
    return {name: policy.allows(request.user, what, customer.store_id) for name, what in capabilities.items()}


def _people(customer: Customer, phones: list[Phone], today: date) -> list[dict[str, Any]]:
    """The customer and each contact with their numbers, those who have left last."""
    known = numbers.states(customer.store_id, phones)
    for phone in phones:
        phone.state = known[phone.pk]  # type: ignore[attr-defined]  # for the template, as a prefetch would
    by_contact = defaultdict(list)
    for phone in phones:
        by_contact[phone.contact_id].append(phone)
    own: dict[str, Any] = {"name": customer.name, "role": customer.get_customer_type_display(), "contact": None}
    contacts = [
        {"name": one.name, "role": one.get_identity_display(), "contact": one, "has_left": one.has_left(today)}
        for one in sorted(customer.contacts.order_by("name"), key=lambda one: one.has_left(today))
    ]
    return [{**one, "phones": by_contact[one["contact"].pk if one["contact"] else None]} for one in [own, *contacts]]


def _cars(customer: Customer, today: date) -> tuple[list[dict[str, Any]], int]:
    """The first cars with the customer's roles on them, those they still have to do with first; and how many in all."""
    rows = VehicleRole.objects.filter(customer=customer).select_related("vehicle", "contact").order_by("pk")
    roles: dict[Vehicle, list[VehicleRole]] = defaultdict(list)
    for role in rows:
        roles[role.vehicle].append(role)
    ordered = sorted(roles, key=lambda car: (not _is_theirs(car, roles[car], today), -car.pk))[:MOST_CARS]
    ahead = dates.explain(ordered)
    return [_car(vehicle, roles[vehicle], today, ahead[vehicle.pk]) for vehicle in ordered], len(roles)


def _is_theirs(vehicle: Vehicle, roles: list[VehicleRole], today: date) -> bool:
    """Whether the customer still has to do with a car that is in use."""
    return vehicle.state == Vehicle.State.ACTIVE and any(one.until is None or one.until >= today for one in roles)


def _car(vehicle: Vehicle, roles: list[VehicleRole], today: date, ahead: Forecast) -> dict[str, Any]:
    present = [role for role in roles if role.until is None or role.until >= today]
    is_ours = _is_theirs(vehicle, roles, today)
    return {
        "vehicle": vehicle,
        "name": car_name(vehicle),
        "plate": plates.grouped(vehicle.plate_no),
        "is_new_energy": plates.is_new_energy(vehicle.plate_no),
        "roles": present or roles,
        "is_past": not is_ours,
        "is_gone": not present,
        "ends": _ends(vehicle, today) if is_ours else [],
        "due": _due(vehicle, ahead, today) if is_ours else None,
    }


def _due(vehicle: Vehicle, ahead: Forecast, today: date) -> dict[str, Any] | None:
    """When the car is due next and why; marked where that is near or over, unless it is in the workshop now."""
    line = wording.next_due(vehicle, ahead)
    if line is None:
        return None
    if vehicle.last_visit_on and ahead.last_seen_on != vehicle.last_visit_on:
        return {
            **line,
            "kind": "",
            "why": _("In the workshop now: the next day is reckoned when the order is settled."),
        }
    near = "warn" if line["day"] <= today + timedelta(days=SOON) else ""
    return {**line, "kind": "bad" if line["day"] < today else near}


def car_name(vehicle: Vehicle) -> str:
    """Brand and model, the brand once: many lists repeat it in the model."""
    model = vehicle.model or vehicle.series
    return model if model.startswith(vehicle.brand) else f"{vehicle.brand} {model}".strip()


def _ends(vehicle: Vehicle, today: date) -> list[dict[str, Any]]:
    """What ends soon on a car, and an insurance end that nobody knows."""
    known = [
        (_("Insured until"), vehicle.insurance_until),
        (_("Inspection due on"), vehicle.inspection_due_on),
        (_("Warranty until"), vehicle.warranty_until),
    ]
    soon: list[dict[str, Any]] = [
        {"term": term, "day": day, "kind": "bad" if day < today else "warn"}
        for term, day in known
        if day and today - timedelta(days=SOON) <= day <= today + timedelta(days=SOON)
    ]
    if vehicle.insurance_until is None:
        soon.append({"term": _("Insured until"), "day": None, "kind": "warn"})
    return soon


def _deliveries(customer: Customer) -> list[Any]:
    rows = customer.deliveries.select_related("vehicle", "sales_consultant", "delivery_specialist", "batch__file")
    return list(rows.order_by("-delivered_on", "-pk")[:ALL])


def _orders(customer: Customer, limit: int) -> dict[str, Any]:
    """The newest orders and whether there are more."""
    rows = customer.repair_orders.select_related("vehicle", "service_advisor", "rework_of")
    found = list(rows.order_by("-checked_in_on", "-pk")[: limit + 1])
    return {"rows": found[:limit], "more": len(found) > limit}


def _spent(customer: Customer, today: date) -> dict[str, Any]:
    """Visits and turnover of the last twelve months."""
    year = customer.repair_orders.filter(state=OrderState.SETTLED, checked_in_on__gt=today - timedelta(days=365))
    found = year.aggregate(total=Sum("total_fee"), visits=Count("pk"))
    return {"total": Decimal(found["total"] or 0).quantize(Decimal("0.01")), "visits": found["visits"]}


def _panels(request: HttpRequest, customer: Customer) -> dict[str, list[Any]]:
    """What the higher rooms show on a card: of the customer's life, and quietly of the card itself."""
    found = [panel for tell in hooks.load("CUSTOMER_PANELS") for panel in tell(request, customer)]
    found.sort(key=lambda panel: panel.position)
    return {
        "panels": [panel for panel in found if panel.position < QUIET],
        "quiet_panels": [panel for panel in found if panel.position >= QUIET],
    }
