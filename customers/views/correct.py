"""Correcting a few facts of a card in one step, from the card, the list of addresses and the reception."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard
from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from customers.actions import correcting
from customers.actions.corrections import ON_CARD, Learned
from customers.actions.editing import Overlap
from customers.forms.correct import CorrectForm
from customers.models import Customer, Vehicle, VehicleRole
from customers.sight import Sight
from customers.views.access import editable_or_404, form_page, saved, show_overlap


@guard.needs("customers.edit")
@never_cache
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """The facts that customers most often correct; with them one car, `car` in the address or the first one."""
    customer, by = editable_or_404(request, pk)
    vehicle = car_of(customer, request.GET.get("car", ""))
    form = CorrectForm(
        request.POST or None, customer=customer, vehicle=vehicle, sight=Sight.of(request.user, customer.store_id)
    )
    if request.method == "POST" and form.is_valid():
        form, done = put_right(form, by=by)
        if done:
            return saved(request, customer)
    context = {"form": form, "customer": customer, "vehicle": vehicle}
    return form_page(request, "customers/care/correct.html", context)


def car_of(customer: Customer, wanted: str) -> Vehicle | None:
    """The car of a customer by its key, else the first that they have to do with now."""
    roles = VehicleRole.objects.filter(customer=customer, until=None).select_related("vehicle").order_by("pk")
    cars = {role.vehicle_id: role.vehicle for role in roles if role.vehicle.state == Vehicle.State.ACTIVE}
    return cars.get(int(wanted)) if wanted.isdecimal() else next(iter(cars.values()), None)


def put_right(form: CorrectForm, *, by: Employee, learned: Learned = ON_CARD) -> tuple[CorrectForm, bool]:
    """Write what a valid form says; gives the form to show again with what was refused, and whether it was done."""
    told = correcting.Told(
        of_card=form.of_card(),
        vehicle_id=form.vehicle.pk if form.vehicle else None,
        of_car=form.of_car(),
        number=form.cleaned_data["number"],
        instead_of=form.instead_of(),
        seen=form.seen(),
    )
    try:
        correcting.correct(form.customer.pk, told, by=by, now=clock.now(), learned=learned)
    except Overlap as overlap:
        form.customer.refresh_from_db()
        if form.vehicle:
            form.vehicle.refresh_from_db()
        return show_overlap(form, form.again(None), _readable(form, overlap)), False
    except RuleBroken as broken:
        refuse(form, broken)
        return form, False
    return form, True


def _readable(form: CorrectForm, overlap: Overlap) -> Overlap:
    """What stands there now, as far as this person may read it."""
    standing: dict[str, Any] = dict(overlap.standing)
    if "address" in standing:
        standing["address"] = form.sight.value("address", standing["address"])
    return Overlap(standing)
