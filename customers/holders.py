"""Who has to do with a car: whoever does now is named; of whoever did before, only the role and its days are told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from customers.models import Customer, RepairOrder, Vehicle, VehicleRole

#: so many digits in a row may be a telephone number or part of one
_DIGITS = re.compile(r"\d{7,}")


@dataclass(frozen=True)
class Line:
    """One role on a car; `name` is '' where the person is not to be told."""

    role: VehicleRole
    name: str
    is_past: bool

    @property
    def may_open(self) -> bool:
        """Whether the line leads to a card."""
        return bool(self.name)


@dataclass(frozen=True)
class Holders:
    """The people around one car on a day."""

    lines: Sequence[Line]
    #: the cards that have a role on the car now
    present: frozenset[int]
    #: what those are called who had one before: their names stand in no text of the car
    former_names: frozenset[str]

    @property
    def owner(self) -> Customer | None:
        """Whose car it is now."""
        found = (line.role.customer for line in self.lines if not line.is_past and line.role.role == "owner")
        return next(found, None)

    def knows(self, customer_id: int | None) -> bool:
        """Whether what this customer did with the car may be told in full."""
        return customer_id in self.present

    def told(self, text: str) -> str:
        """A text about the car itself; '' where it names somebody who had it before, or holds a number."""
        return "" if _DIGITS.search(text) or any(name in text for name in self.former_names) else text


def of_car(vehicle: Vehicle, today: date, *, sees_restricted: bool) -> Holders:
    """The people around a car, those of today first; one query. Restricted cards are named only to who may see them."""
    rows = list(vehicle.roles.select_related("customer", "contact").order_by("-until", "-since", "pk"))
    present = frozenset(role.customer_id for role in rows if _holds(role, today))
    lines = [_line(role, today, present, sees_restricted) for role in rows]
    ordered = sorted(lines, key=lambda line: (line.is_past, -(line.role.since or date.min).toordinal()))
    return Holders(ordered, present, _names(role for role in rows if role.customer_id not in present))


def _holds(role: VehicleRole, today: date) -> bool:
    return role.until is None or role.until >= today


def _line(role: VehicleRole, today: date, present: frozenset[int], sees_restricted: bool) -> Line:
    is_told = role.customer_id in present and (sees_restricted or not role.customer.restricted)
    name = role.contact.name if role.contact else role.customer.name
    return Line(role, name if is_told else "", not _holds(role, today))


def _names(roles: Iterable[VehicleRole]) -> frozenset[str]:
    found = {role.customer.name for role in roles} | set()
    return frozenset(name for name in found if len(name) > 1)


# ---- what was done to the car before ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visit:
    """A visit of a car as far as it is the car's: without money and words where somebody else had brought it."""

    order: RepairOrder
    items: str
    is_full: bool


def visits(orders: Iterable[RepairOrder], holders: Holders) -> list[Visit]:
    """Orders of a car, each in full or, if it was a former owner's, as the car's alone."""
    found = []
    for order in orders:
        is_full = holders.knows(order.customer_id)
        found.append(Visit(order, order.items if is_full else holders.told(order.items), is_full))
    return found
