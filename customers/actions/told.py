"""What a customer tells in passing in a call: written only where nothing stands; what they would not tell rests."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock
from customers import profile, search
from customers.actions import addresses, consents, numbers
from customers.actions.profile import put_values, refresh_completeness
from customers.actions.roles import give_role
from customers.models import Consent, Contact, Customer, ProfileField, ProfileRefusal, Vehicle, VehicleRole
from customers.rules import profile as rules

CONSENT = "customer.marketing_consent"
#: who tells one of these has told where they live
ADDRESS = ("customer.province", "customer.city", "customer.district", "customer.address")


@transaction.atomic
def fill_gaps(
    customer_id: int | None, vehicle_id: int | None, told: Mapping[str, Any], *, by: Employee, now: datetime,
    untold: Collection[str] = (),
) -> list[str]:  # fmt: skip
    """Write what the customer told us, {field's code: value}, into facts that are empty; gives the codes filled.

    A fact that somebody has entered meanwhile stays: what was told in passing does not overrule it. The questions
    in `untold` were asked and not answered: they rest (rules.RESTS_DAYS). Unknown codes are left out.
    """
    if customer_id is None or not (told or untold):
        return []
    customer = Customer.objects.locked(customer_id)
    vehicle = Vehicle.objects.select_for_update().get(pk=vehicle_id) if vehicle_id is not None else None
    rows = {row.code: row for row in profile.fields_for(customer.store_id, customer.customer_type)}
    said = {code: value for code, value in told.items() if code in rows and value not in (None, "")}
    filled = [code for code, value in said.items() if _fill(rows[code], customer, vehicle, value, by=by, now=now)]
    _note(rows, filled, customer, vehicle, by)
    for code in set(untold) & set(rows) - set(said):
        _rest(customer, code, now)
    return filled


def _fill(
    row: ProfileField, customer: Customer, vehicle: Vehicle | None, value: Any, *, by: Employee, now: datetime
) -> bool:
    """Write one fact where nothing stands; gives whether it was written."""
    cars = [vehicle] if vehicle is not None else []
    if profile.is_of_cars(row) and not cars:
        return False
    if profile.Known.read([customer], {customer.pk: cars}).has(customer, row):
        return False
    if not row.column:
        return bool(put_values(customer, {row.code: value}, {}))
    if row.column == rules.DRIVER and vehicle is not None:
        _drives(vehicle, customer, str(value), by=by, now=now)
    elif row.column == CONSENT:
        consents.tell(
            customer.pk, purpose=consents.MARKETING, is_given=str(value) == "True", source=Consent.Source.CALL,
            by=by, now=now,
        )  # fmt: skip
    else:
        target: Any = vehicle if profile.is_of_cars(row) else customer
        setattr(target, profile.column_of(row), value)
        type(target).objects.filter(pk=target.pk).update(**{profile.column_of(row): value})
        if row.column in ADDRESS:
            addresses.known(customer, on=clock.business_day(now))
    return True


def _drives(vehicle: Vehicle, customer: Customer, name: str, *, by: Employee, now: datetime) -> None:
    """Note who usually drives: the customer, a contact of that name, or a new one."""
    contact = None
    if name.strip().casefold() not in {*rules.MYSELF, customer.name.casefold()}:
        contact = Contact.objects.filter(customer=customer, name=name, left_on=None).first()
        contact = contact or numbers.add_contact(
            customer.pk, values={"name": name, "identity": Contact.Identity.DRIVER}, phone="", by=by
        )
    today = clock.business_day(now)
    give_role(vehicle, customer, role=VehicleRole.Kind.DRIVER, since=today, today=today, by=by, contact=contact)


def _note(
    rows: Mapping[str, ProfileField], filled: Collection[str], customer: Customer, vehicle: Vehicle | None, by: Employee
) -> None:
    """Count the versions on, write the trail by the names of the fields, and let the card be found and measured."""
    if not filled:
        return
    of_cars = [code for code in filled if profile.is_of_cars(rows[code])]
    for row, names in ((customer, [code for code in filled if code not in of_cars]), (vehicle, of_cars)):
        if row is not None and names:
            type(row).objects.filter(pk=row.pk).update(version=F("version") + 1)
            trail.record(by, f"{row._meta.model_name}.filled_in_call", row, fields=names)
    if vehicle is not None and "plate_no" in filled:
        search.refresh(VehicleRole.objects.filter(vehicle=vehicle).values_list("customer_id", flat=True))
    refresh_completeness(customer.store_id, [customer.pk])


def _rest(customer: Customer, code: str, now: datetime) -> None:
    day = clock.business_day(now)
    ProfileRefusal.objects.update_or_create(
        customer=customer,
        field=code,
        defaults={"asked_on": day},
        create_defaults={"asked_on": day, "store_id": customer.store_id},
    )
