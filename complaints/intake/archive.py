"""Whom and which car a line of an old register means, as far as the archive tells for certain; nothing is guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from crm_site.accounts.models import Store
from crm_site.core import names
from crm_site.core.clock import business_day
from crm_site.imports.layout import Row
from customers.models import Customer, Phone, RepairOrder, Vehicle, VehicleRole


@dataclass
class Joined:
    """What a row was joined to, and what is to be said where it was not: (code, field, value)."""

    customer: Customer | None = None
    vehicle: Vehicle | None = None
    order: RepairOrder | None = None
    doubts: list[tuple[str, str, str]] = field(default_factory=list)


class Archive:
    """The cars, their owners, the numbers and the repair orders of one store that some rows speak of."""

    def __init__(self, store: Store, rows: Sequence[Row]) -> None:
        orders = RepairOrder.objects.filter(store=store, order_number__in=_said(rows, "order_number"))
        self._orders = {order.order_number: order for order in orders.select_related("vehicle")}
        meant = Q(vin__in=_said(rows, "vin")) | Q(plate_no__in=_said(rows, "plate_no"))
        cars = {car.pk: car for car in Vehicle.objects.filter(meant, store=store)}
        cars |= {order.vehicle_id: order.vehicle for order in self._orders.values()}
        self._by_vin = {car.vin: car for car in cars.values() if car.vin}
        self._by_plate: dict[str, list[Vehicle]] = defaultdict(list)
        for car in cars.values():
            if car.plate_no:
                self._by_plate[car.plate_no].append(car)
        self._owners: dict[int, list[VehicleRole]] = defaultdict(list)
        roles = VehicleRole.objects.filter(vehicle_id__in=list(cars), role=VehicleRole.Kind.OWNER)
        for role in roles.select_related("customer").order_by("pk"):
            self._owners[role.vehicle_id].append(role)
        self._phones: dict[str, list[Phone]] = defaultdict(list)
        digits = {one for row in rows for one in row.get("customer_phone") or []}
        for phone in Phone.objects.filter(store=store, number__in=digits).select_related("customer", "contact"):
            self._phones[phone.number].append(phone)

    def join(self, row: Row) -> Joined:
        """The car by VIN or order, by plate only with its owner; the customer by the car, or by number and name."""
        found = Joined()
        self._find_car(row, found)
        found.customer = self._find_customer(row, found)
        return found

    def _find_car(self, row: Row, found: Joined) -> None:
        vin, plate = row.get("vin"), row.get("plate_no")
        order = self._orders.get(row.get("order_number") or "")
        if order is not None and vin and order.vehicle.vin not in (None, vin):
            found.doubts.append(("order_other_car", "order_number", order.order_number))
        elif order is not None:
            found.order, found.vehicle = order, order.vehicle
        if vin:
            found.vehicle = self._by_vin.get(vin) or found.vehicle
        elif plate and found.vehicle is None:
            known = self._by_plate.get(plate, [])
            agreeing = [car for car in known if self._agreeing_owner(car, row)]
            if len(agreeing) == 1:
                found.vehicle = agreeing[0]
            elif known:
                found.doubts.append(("plate_only", "plate_no", plate))

    def _find_customer(self, row: Row, found: Joined) -> Customer | None:
        car, name = found.vehicle, row.get("customer_name")
        reached = self._reached(row)
        if car is not None:
            owner = self._agreeing_owner(car, row)
            if owner is None and not name and not reached:
                owner = self._owner_on(car, business_day(row.get("received_at")))
            if owner is not None:
                return owner
        meant = {phone.customer for phone in reached if name and _is_called(phone, name)}
        if len(meant) == 1:
            return meant.pop()
        if reached and name:
            found.doubts.append(("same_phone_other_name", "customer_phone", ""))
        elif car is not None and name:
            found.doubts.append(("other_complainant", "customer_name", name))
        return None

    def _reached(self, row: Row) -> list[Phone]:
        """The numbers of the archive that the row gives."""
        return [phone for digits in row.get("customer_phone") or [] for phone in self._phones.get(digits, [])]

    def _agreeing_owner(self, car: Vehicle, row: Row) -> Customer | None:
        """The one owner, present or past, who is called as in the row or has its number."""
        name, reached = names.match_key(row.get("customer_name") or ""), {one.customer_id for one in self._reached(row)}
        agreeing = {
            role.customer
            for role in self._owners.get(car.pk, [])
            if (name and names.match_key(role.customer.name) == name) or role.customer_id in reached
        }
        return agreeing.pop() if len(agreeing) == 1 else None

    def _owner_on(self, car: Vehicle, day: date) -> Customer | None:
        """Whose car it was on a day, as far as the archive goes back."""
        held = [
            role.customer
            for role in self._owners.get(car.pk, [])
            if (role.since is None or role.since <= day) and (role.until is None or role.until >= day)
        ]
        return held[0] if len(held) == 1 else None


def _said(rows: Iterable[Row], name: str) -> set[str]:
    return {row.get(name) for row in rows if row.get(name)}


def _is_called(phone: Phone, name: str) -> bool:
    """Whether the number is that of somebody of this name: the contact, else the customer."""
    owner = phone.contact.name if phone.contact else phone.customer.name
    return names.match_key(owner) == names.match_key(name)
