"""What only a telephone call teaches the archive: a bad number, and a gap that can be filled in passing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from customers import search
from customers.actions import numbers
from customers.models import Customer, Phone, Vehicle, VehicleRole

#: what may be asked in passing, in this order: where it stands and how the column is called
GAPS: dict[str, str] = {
    "plate_no": "vehicle",
    "insurance_until": "vehicle",
    "preferred_time": "customer",
    "birthday": "customer",
}


@transaction.atomic
def mark_phone_bad(phone_id: int, *, reason: str, by: Employee, on: date) -> Phone:
    """Remember from which day a number is known to be bad, and by which call result; the first finding stays."""
    phone = Phone.objects.select_for_update().get(pk=phone_id)
    if phone.bad_since is None:
        phone.bad_since, phone.bad_reason = on, reason
        phone.save(update_fields=["bad_since", "bad_reason"])
        trail.record(by, "phone.found_bad", phone, reason=reason)
    return phone


@transaction.atomic
def mark_phone_good(phone_id: int, *, by: Employee, on: date) -> None:
    """Remember the last day on which the customer was reached on a number; one that was held to be bad is good again.

    The call itself stands in the trail; only a change of mind about the number is written there as well.
    """
    phone = Phone.objects.get(pk=phone_id)
    if phone.bad_since is not None:
        numbers.call_good(phone_id, by=by)
    if phone.good_on is None or phone.good_on < on:
        Phone.objects.filter(pk=phone_id).update(good_on=on)


def gaps_of(customer: Customer | None, vehicle: Vehicle | None) -> list[str]:
    """The names of the empty facts that may be asked in passing, most useful first."""
    rows = {"customer": customer, "vehicle": vehicle}
    return [name for name, where in GAPS.items() if rows[where] is not None and not getattr(rows[where], name)]


@transaction.atomic
def fill_gaps(customer_id: int | None, vehicle_id: int | None, values: Mapping[str, Any], *, by: Employee) -> list[str]:
    """Write what the customer told us into facts that are still empty; gives the names of those filled.

    A fact that somebody has entered meanwhile stays: what was told in passing does not overrule it.
    """
    told = {name: value for name, value in values.items() if name in GAPS and value}
    filled = _fill(Customer, customer_id, {name: told[name] for name in told if GAPS[name] == "customer"}, by)
    filled += _fill(Vehicle, vehicle_id, {name: told[name] for name in told if GAPS[name] == "vehicle"}, by)
    if vehicle_id is not None and "plate_no" in filled:
        search.refresh(VehicleRole.objects.filter(vehicle_id=vehicle_id).values_list("customer_id", flat=True))
    return filled


def _fill(model: Any, pk: int | None, values: Mapping[str, Any], by: Employee) -> list[str]:
    if pk is None or not values:
        return []
    row = model.objects.select_for_update().get(pk=pk)
    empty = [name for name in values if not getattr(row, name)]
    if empty:
        for name in empty:
            setattr(row, name, values[name])
        row.version += 1
        row.save(update_fields=[*empty, "version"])
        trail.record(by, f"{model._meta.model_name}.filled_in_call", row, fields=empty)
    return empty
