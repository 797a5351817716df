"""Cars as their papers and people describe them: entering, correcting, in use, sold on or scrapped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers import search
from customers.actions import corrections, dates, editing
from customers.actions.plates import keep_former_plate
from customers.actions.roles import give_role
from customers.models import Customer, Vehicle, VehicleRole

#: what a person may enter and correct of a car
FIELDS = (
    "vin", "plate_no", "engine_no", "brand", "series", "model", "colour", "power", "usage", "made_on", "purchased_on",
    "registered_on", "warranty_from", "warranty_until", "insurance_until", "inspection_due_on", "sold_here",
)  # fmt: skip


def _vin_taken() -> RuleBroken:
    return RuleBroken(
        _("The archive has a car of this VIN already. Give the customer a role on that one."),
        code="vin_taken",
        field="vin",
    )


@transaction.atomic
def add_vehicle(
    customer_id: int, *, values: Mapping[str, Any], role: str, since: date | None, by: Employee, now: datetime
) -> Vehicle:
    """Give a customer a car; one of this VIN that the archive knows is taken, with the facts that it lacked.

    Without a VIN the customer's own car of the same plate is taken, so that a second click makes no second car.

    As its owner the customer follows the one before, whose ownership ends the day before `since`.
    """
    customer = Customer.objects.locked(customer_id)
    facts = {name: values[name] for name in FIELDS if name in values}
    facts["vin"] = facts.get("vin") or None
    vehicle = _known(customer, facts["vin"], facts.get("plate_no", ""))
    if vehicle is None:
        vehicle = Vehicle.objects.create(store_id=customer.store_id, created_at=now, **facts)
        trail.record(by, "vehicle.created", vehicle)
    else:
        _fill(vehicle, facts, by)
    give_role(vehicle, customer, role=role, since=since, today=clock.business_day(now), by=by)
    return vehicle


def _known(customer: Customer, vin: str | None, plate_no: str) -> Vehicle | None:
    rows = Vehicle.objects.select_for_update().filter(store_id=customer.store_id)
    if vin:
        return rows.filter(vin=vin).first()
    own = VehicleRole.objects.filter(customer=customer, until=None).values("vehicle_id")
    return rows.filter(plate_no=plate_no, vin=None, pk__in=own).first() if plate_no else None


def _fill(vehicle: Vehicle, facts: Mapping[str, Any], by: Employee) -> None:
    """Facts that the archive's car lacks; those that it has stay."""
    empty = [name for name, value in facts.items() if value not in (None, "") and getattr(vehicle, name) in (None, "")]
    if not empty:
        return
    for name in empty:
        setattr(vehicle, name, facts[name])
    editing.save(vehicle, empty, clash=_vin_taken())
    if {"series", "power"} & set(empty):
        dates.refresh(vehicle.store_id, [vehicle.pk])
    trail.record(by, "vehicle.changed", vehicle, fields=empty)


@transaction.atomic
def edit_vehicle(
    vehicle_id: int, *, values: Mapping[str, Any], seen: Mapping[str, str], by: Employee, today: date,
    learned: corrections.Learned = corrections.ON_CARD,
) -> Vehicle:  # fmt: skip
    """Correct facts of a car; raises editing.Overlap and, for a VIN that another car has, RuleBroken.

    A plate that gives way to another one is kept as a former plate until `today`.
    """
    vehicle = Vehicle.objects.select_for_update().get(pk=vehicle_id)
    wanted = {name: value for name, value in values.items() if name in FIELDS}
    if "vin" in wanted:
        wanted["vin"] = wanted["vin"] or None
    plate_before, before = vehicle.plate_no, corrections.standing(vehicle, wanted)
    changed = editing.put(vehicle, wanted, seen)
    if changed:
        editing.save(vehicle, changed, clash=_vin_taken())
        keep_former_plate(vehicle, plate_before, on=today)
        entry = trail.record(by, "vehicle.changed", vehicle, fields=changed, **learned.detail)
        corrections.keep_of_car(entry, vehicle, {name: before[name] for name in changed}, by=by, learned=learned)
        if {"series", "power"} & set(changed):
            dates.refresh(vehicle.store_id, [vehicle.pk])
        if {"vin", "plate_no"} & set(changed):
            search.refresh(vehicle.roles.values_list("customer_id", flat=True))
    return vehicle


@transaction.atomic
def set_state(vehicle_id: int, *, state: str, by: Employee) -> Vehicle:
    """Say that a car is in use, sold on or scrapped; calls about it end or begin again accordingly."""
    vehicle = Vehicle.objects.select_for_update().get(pk=vehicle_id)
    if state not in Vehicle.State.values:
        raise RuleBroken(_("Choose one of the entries offered here."), field="state")
    if vehicle.state != state:
        before, vehicle.state = vehicle.state, state
        editing.save(vehicle, ["state"], clash=_vin_taken())
        trail.record(by, "vehicle.state_changed", vehicle, state=(before, state))
    return vehicle
