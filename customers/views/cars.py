"""Cars on a card and who is what to them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.core import clock, formats
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from customers import wording
from customers.actions import cars, dates, roles
from customers.actions.editing import Overlap
from customers.forms import EndRoleForm, NewVehicleForm, RoleForm, VehicleForm
from customers.models import Customer, Vehicle, VehicleRole
from customers.sight import Sight
from customers.views.access import editable_or_404, form_page, saved, show_overlap, try_to
from customers.views.alike import warned


@guard.needs("customers.edit")
def vehicle_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a customer a car, a new one or one that the archive knows."""
    customer, by = editable_or_404(request, pk)
    form = NewVehicleForm(request.POST or None)
    alike = warned(request, form.cleaned_data, but=pk) if request.method == "POST" and form.is_valid() else []
    if request.method == "POST" and form.is_valid() and not alike:
        values = dict(form.cleaned_data)
        role, since = values.pop("role"), values.pop("since")
        if try_to(form, lambda: cars.add_vehicle(pk, values=values, role=role, since=since, by=by, now=clock.now())):
            return saved(request, customer, "cars")
    return form_page(request, "customers/vehicle_new.html", {"form": form, "customer": customer, "alike": alike})


@guard.needs("customers.edit")
@never_cache
def vehicle(request: HttpRequest, pk: int, customer_pk: int) -> HttpResponse:
    """Correct the facts of a car, seen from one customer's card; of its people only theirs are shown."""
    customer, by = editable_or_404(request, customer_pk)
    row = _of(customer, request, pk)
    sight = Sight.of(request.user, customer.store_id)
    form = VehicleForm.of(row, request.POST or None, sight=sight)
    if request.method == "POST" and form.is_valid():
        try:
            cars.edit_vehicle(pk, values=form.wanted(), seen=form.seen(), by=by, today=clock.today())
        except Overlap as overlap:
            form = show_overlap(form, VehicleForm.of(row, sight=sight), overlap)
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            return saved(request, customer, "cars")
    context = {
        "form": form,
        "customer": customer,
        "vehicle": row,
        "sight": sight,
        "roles": row.roles.filter(customer=customer).select_related("contact").order_by("-until", "-since", "pk"),
        "states": Vehicle.State.choices,
        "dates": _dates(row),
    }
    return form_page(request, "customers/vehicle.html", context)


@guard.needs("customers.edit")
@require_POST
def vehicle_state(request: HttpRequest, pk: int, customer_pk: int) -> HttpResponse:
    """Say that a car is in use, sold on or scrapped."""
    customer, by = editable_or_404(request, customer_pk)
    row = _of(customer, request, pk)
    if request.POST.get("state") in Vehicle.State.values:
        cars.set_state(row.pk, state=request.POST["state"], by=by)
    return saved(request, customer, "cars")


@guard.needs("customers.edit")
def role_new(request: HttpRequest, pk: int, customer_pk: int) -> HttpResponse:
    """Say what the customer or a contact is to a car."""
    customer, by = editable_or_404(request, customer_pk)
    row = _of(customer, request, pk)
    form = RoleForm(request.POST or None, customer=customer)
    if request.method == "POST" and form.is_valid():
        sent, today = form.cleaned_data, clock.today()
        if try_to(
            form,
            lambda: roles.add_role(
                pk,
                customer=customer,
                contact=sent["who"],
                role=sent["role"],
                since=sent["since"],
                until=sent["until"],
                today=today,
                by=by,
            ),
        ):
            return saved(request, customer, "cars")
    return form_page(request, "customers/role.html", {"form": form, "customer": customer, "vehicle": row})


@guard.needs("customers.edit")
def role_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Say until when somebody was what they were to a car."""
    rows = VehicleRole.objects.select_related("vehicle", "contact")
    role = guard.get_or_404(rows, request, pk=pk)
    customer, by = editable_or_404(request, role.customer_id)
    form = EndRoleForm(request.POST or None, initial={"until": clock.today()})
    if request.method == "POST" and form.is_valid():
        until = form.cleaned_data["until"]
        if try_to(form, lambda: roles.end_role(pk, until=until, today=clock.today(), by=by)):
            return saved(request, customer, "cars")
    return form_page(request, "customers/role_end.html", {"form": form, "customer": customer, "role": role})


def _of(customer: Customer, request: HttpRequest, pk: int) -> Vehicle:
    """A car on which the customer has or had a role; another one is 404."""
    return guard.get_or_404(Vehicle.objects.filter(roles__customer=customer).distinct(), request, pk=pk)


def _dates(vehicle: Vehicle) -> list[dict[str, Any]]:
    """What is reckoned of a car, each with its reason."""
    found = dates.explain([vehicle])[vehicle.pk]
    lines = [
        {"term": line["term"], "text": line["day"].isoformat(), "note": line["why"]}
        for line in wording.due_lines(vehicle, found)
    ]
    if found.last_seen_on:
        lines.append({"term": _("Last seen"), "text": found.last_seen_on.isoformat(), "note": ""})
    if found.daily_km:
        pace = _("%(km)s km a day") % {"km": formats.number(found.daily_km)}
        lines.append({"term": _("Pace"), "text": pace, "note": _("between the first and the newest mileage")})
    return lines
