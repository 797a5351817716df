"""Cars and who is what to them: entering, correcting, selling on, and the roles with their days."""

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
from customers import rules, search
from customers.actions import dates, editing
from customers.actions.intake import name_orders
from customers.models import Contact, Customer, Vehicle, VehicleRole

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
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    facts = {name: values[name] for name in FIELDS if name in values}
    facts["vin"] = facts.get("vin") or None
    vehicle = _known(customer, facts["vin"], facts.get("plate_no", ""))
    if vehicle is None:
        vehicle = Vehicle.objects.create(store_id=customer.store_id, created_at=now, **facts)
        trail.record(by, "vehicle.created", vehicle)
    else:
        _fill(vehicle, facts, by)
    _give_role(vehicle, customer, role=role, since=since, today=clock.business_day(now), by=by)
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
def edit_vehicle(vehicle_id: int, *, values: Mapping[str, Any], seen: Mapping[str, str], by: Employee) -> Vehicle:
    """Correct facts of a car; raises editing.Overlap and, for a VIN that another car has, RuleBroken."""
    vehicle = Vehicle.objects.select_for_update().get(pk=vehicle_id)
    wanted = {name: value for name, value in values.items() if name in FIELDS}
    if "vin" in wanted:
        wanted["vin"] = wanted["vin"] or None
    changed = editing.put(vehicle, wanted, seen)
    if changed:
        editing.save(vehicle, changed, clash=_vin_taken())
        trail.record(by, "vehicle.changed", vehicle, fields=changed)
        if {"series", "power"} & set(changed):
            dates.refresh(vehicle.store_id, [vehicle.pk])
        if {"vin", "plate_no"} & set(changed):
            search.refresh(vehicle.roles.values_list("customer_id", flat=True))
    return vehicle


@transaction.atomic
def add_role(
    vehicle_id: int, *, customer: Customer, role: str, since: date | None, today: date, by: Employee,
    contact: Contact | None = None,
) -> VehicleRole:  # fmt: skip
    """Say what a customer, or one of their contacts, is to a car from a day on; a new owner ends the one before."""
    vehicle = Vehicle.objects.select_for_update().get(pk=vehicle_id)
    return _give_role(vehicle, customer, role=role, since=since, today=today, by=by, contact=contact)


def _give_role(
    vehicle: Vehicle, customer: Customer, *, role: str, since: date | None, today: date, by: Employee,
    contact: Contact | None = None,
) -> VehicleRole:  # fmt: skip
    if customer.store_id != vehicle.store_id or (contact and contact.customer_id != customer.pk):
        raise RuleBroken(_("Choose one of the entries offered here."))
    standing = vehicle.roles.filter(role=role, until=None)
    same = standing.filter(customer=customer, contact=contact).first()
    if same is not None:
        return same
    if role == VehicleRole.Kind.OWNER:
        _end_owner(standing.first(), since or today)
    made = VehicleRole.objects.create(
        store_id=vehicle.store_id, vehicle=vehicle, customer=customer, contact=contact, role=role, since=since
    )
    if role == VehicleRole.Kind.OWNER:
        name_orders([vehicle.pk])
    search.refresh([customer.pk])
    trail.record(by, "vehicle.role_added", customer, vehicle=vehicle.pk, role=role)
    return made


def _end_owner(present: VehicleRole | None, successor: date) -> None:
    if present is None:
        return
    if present.since and successor < present.since:
        raise RuleBroken(
            _("The present owner has had the car since %(day)s. Choose a later day.")
            % {"day": present.since.isoformat()},
            code="owner_not_later",
            field="since",
        )
    present.until = rules.last_day_before(successor, present.since)
    present.save(update_fields=["until"])


@transaction.atomic
def end_role(role_id: int, *, until: date, by: Employee) -> VehicleRole:
    """Say until which day somebody was what they were to a car."""
    role = VehicleRole.objects.select_for_update().select_related("customer").get(pk=role_id)
    if role.since and until < role.since:
        raise RuleBroken(
            _("It began on %(day)s. Choose that day or a later one.") % {"day": role.since.isoformat()}, field="until"
        )
    role.until = until
    role.save(update_fields=["until"])
    trail.record(by, "vehicle.role_ended", role.customer, vehicle=role.vehicle_id, role=role.role)
    return role


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
