"""What an old list's call is known by, and whom it was made to: what the archive knows for certain, else nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q

from crm_site.core import names
from crm_site.imports.layout import Row
from customers.models import Phone, RepairOrder, Vehicle, VehicleRole
from revisits.rules.past import natural_key


def natural_of(row: Row) -> str | None:
    """What makes a row this call and no other: a number of its own, else when, whom and by whom; None: nothing."""
    whom = [(row.get("phone") or [None])[0], *(row.get(name) for name in ("vin", "order_number", "plate_no", "name"))]
    return natural_key(
        number=row.get("number"),
        at=row.get("called_at"),
        who=whom,
        caller=names.match_key(row.get("caller") or ""),
        about=(row.get("kind"), row.get("order_number")),
    )


class Link(NamedTuple):
    """The rows of the archive that a past call is about."""

    customer_id: int | None = None
    vehicle_id: int | None = None
    repair_order_id: int | None = None


class _Person(NamedTuple):
    customer_id: int
    names: frozenset[str]
    since: date | None = None


class Links:
    """The archive around some rows, read by four queries; nothing is ever added to it by an old list."""

    def __init__(self, store_id: int, rows: Sequence[Row]) -> None:
        self._orders = {
            order["order_number"]: order
            for order in RepairOrder.objects.filter(store_id=store_id, order_number__in=_all(rows, "order_number"))
            .order_by()
            .values("pk", "order_number", "vehicle_id", "customer_id")
        }
        self._by_vin: dict[str, int] = {}
        self._by_plate: dict[str, list[int]] = defaultdict(list)
        self._read_cars(store_id, rows)
        self._owners = self._read_owners()
        self._people = _people(store_id, {number for row in rows for number in row.get("phone") or []})

    def of(self, row: Row) -> Link:
        """What the archive knows of a row's call; a name that does not fit links to nobody."""
        order = self._orders.get(row.get("order_number") or "")
        vehicle_id = self._by_vin.get(row.get("vin") or "") or (order["vehicle_id"] if order else None)
        if order and vehicle_id != order["vehicle_id"]:
            order = None  # the same number in another system
        vehicle_id = vehicle_id or self._car_by_plate(row)
        customer_id = self._customer(row, vehicle_id, order)
        return Link(customer_id, vehicle_id, order["pk"] if order else None)

    # ---- reading ----------------------------------------------------------------------------------------------------

    def _read_cars(self, store_id: int, rows: Sequence[Row]) -> None:
        meant = Q(vin__in=_all(rows, "vin")) | Q(plate_no__in=_all(rows, "plate_no"))
        cars = Vehicle.objects.filter(meant, store_id=store_id).order_by("pk").values_list("pk", "vin", "plate_no")
        for pk, vin, plate in cars:
            if vin:
                self._by_vin[vin] = pk
            if plate:
                self._by_plate[plate].append(pk)

    def _read_owners(self) -> dict[int, _Person]:
        cars = {*self._by_vin.values(), *(order["vehicle_id"] for order in self._orders.values())}
        cars |= {pk for several in self._by_plate.values() for pk in several}
        roles = VehicleRole.objects.filter(vehicle_id__in=cars, role=VehicleRole.Kind.OWNER, until=None)
        columns = ("vehicle_id", "customer_id", "customer__name", "since")
        return {
            vehicle_id: _Person(customer_id, frozenset({names.match_key(name)}), since)
            for vehicle_id, customer_id, name, since in roles.order_by("pk").values_list(*columns)
        }

    # ---- matching ---------------------------------------------------------------------------------------------------

    def _car_by_plate(self, row: Row) -> int | None:
        """A plate alone proves nothing: its owner must be called like the customer."""
        called = names.match_key(row.get("name") or "")
        fitting = [
            pk
            for pk in self._by_plate.get(row.get("plate_no") or "", ())
            if called and pk in self._owners and called in self._owners[pk].names
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _customer(self, row: Row, vehicle_id: int | None, order: dict[str, Any] | None) -> int | None:
        """Somebody of this name on the number or owning the car; without a name whoever alone is possible."""
        called = names.match_key(row.get("name") or "")
        reached = [person for number in row.get("phone") or [] for person in self._people.get(number, ())]
        owner = self._owners.get(vehicle_id or 0)
        if owner and owner.since and row.get("called_at") and owner.since > row.get("called_at").date():
            owner = None  # the car had another owner on the day of the call
        known = [*reached, *([owner] if owner else [])]
        fitting = {person.customer_id for person in known if not called or called in person.names}
        if len(fitting) == 1:
            return fitting.pop()
        return order["customer_id"] if order and not called and not fitting else None


def _all(rows: Iterable[Row], name: str) -> set[str]:
    return {row.get(name) for row in rows if row.get(name)}


def _people(store_id: int, numbers: set[str]) -> dict[str, list[_Person]]:
    """Whoever has one of the numbers, under their own name and under that of the contact who answers it."""
    found: dict[str, list[_Person]] = defaultdict(list)
    rows = Phone.objects.filter(store_id=store_id, number__in=numbers).order_by("pk")
    for number, customer_id, name, contact in rows.values_list(
        "number", "customer_id", "customer__name", "contact__name"
    ):
        called = {names.match_key(name), names.match_key(contact or name)}
        found[number].append(_Person(customer_id, frozenset(called)))
    return found
