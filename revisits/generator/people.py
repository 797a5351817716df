"""Who can be dialled for an occasion: the numbers of all persons around a fact, read for many facts at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from django.db.models import Q, QuerySet

from crm_site.accounts import staff_numbers
from crm_site.accounts.models import Store
from crm_site.core import phones
from crm_site.core.compiled import compiled
from customers.models import Contact, ContactBan, Phone, VehicleRole
from revisits.rules.contact import TELEPHONE, Number, bans_against

#: who is dialled beside the owner
DIALLED_ROLES = (VehicleRole.Kind.DRIVER, VehicleRole.Kind.BRINGER)


class Party(Protocol):
    """What is known of the persons around an occasion; generator.Occasion has it."""

    @property
    def customer_id(self) -> int | None:
        """The customer that the fact names."""

    @property
    def customer_name(self) -> str:
        """What the customer is called; '' for none."""

    @property
    def vehicle_id(self) -> int | None:
        """The car that it is about."""

    @property
    def picker(self) -> str:
        """Who took a delivered car over; '' for the customer himself."""

    @property
    def bringer(self) -> str:
        """Who brought a car to the workshop; '' where nobody is named."""

    @property
    def bringer_phone(self) -> str:
        """The number that was written down with the bringer."""


class _Line(NamedTuple):
    """One number with the person who answers it."""

    number: Number
    contact_id: int | None
    contact_name: str
    identity: str


class People:
    """The numbers around many occasions; two queries, whatever their number."""

    def __init__(self, parties: Iterable[Party], today: date) -> None:
        parties = list(parties)
        self._roles = _roles({party.vehicle_id for party in parties if party.vehicle_id}, today)
        customers = {party.customer_id for party in parties if party.customer_id}
        customers |= {customer_id for held in self._roles.values() for _, customer_id, _ in held}
        self._lines = _lines(customers, today)

    def of(self, party: Party) -> dict[str, list[Number]]:
        """{who: numbers, best first} for one occasion; "other" holds the rest of the customer's numbers."""
        lines = self._lines.get(party.customer_id or 0, [])
        owner = [line.number for line in lines if line.contact_id is None]
        return {
            "picker": self._named(lines, party, party.picker, owner),
            "bringer": self._bringer(lines, party, owner),
            "driver": self._in_role(party, "driver") or _with_identity(lines, Contact.Identity.DRIVER),
            "owner": owner,
            "complainant": owner,
            "other": [line.number for line in lines],
        }

    def _bringer(self, lines: Sequence[_Line], party: Party, owner: list[Number]) -> list[Number]:
        written = set(phones.normalise(party.bringer_phone)) if party.bringer_phone else set()
        by_number = [line.number for line in lines if line.number.digits in written]
        named = self._named(lines, party, party.bringer, owner)
        kept = self._in_role(party, "bringer") or _with_identity(lines, Contact.Identity.BRINGER)
        return by_number + (named or kept)

    @staticmethod
    def _named(lines: Sequence[_Line], party: Party, name: str, owner: list[Number]) -> list[Number]:
        if not name:
            return []
        if name == party.customer_name:
            return owner
        return [line.number for line in lines if line.contact_name == name]

    def _in_role(self, party: Party, role: str) -> list[Number]:
        """The numbers of whoever holds a role on the car: a contact, or a customer himself."""
        found = []
        for held, customer_id, contact_id in self._roles.get(party.vehicle_id or 0, ()):
            if held == role:
                found += [line.number for line in self._lines.get(customer_id, ()) if line.contact_id == contact_id]
        return found


def _roles(vehicle_ids: set[int], today: date) -> dict[int, list[tuple[str, int, int | None]]]:
    """{vehicle: (role, customer, contact)} of the drivers and bringers of today."""
    found = defaultdict(list)
    for vehicle_id, *held in _held(day=today, vehicles=sorted(vehicle_ids)):
        found[vehicle_id].append(tuple(held))
    return found


@compiled
def _held(*, day: date, vehicles: list[int]) -> QuerySet[VehicleRole, tuple[int, str, int, int | None]]:
    rows = VehicleRole.objects.current(day).filter(vehicle__pk__in=vehicles, role__in=DIALLED_ROLES).order_by("pk")
    return rows.values_list("vehicle_id", "role", "customer_id", "contact_id")


def _lines(customer_ids: set[int], today: date) -> dict[int, list[_Line]]:
    """The numbers not known to be bad, best first, by customer; none of restricted cards and of contacts who left."""
    found = defaultdict(list)
    for customer_id, phone_id, digits, contact_id, name, identity in _numbers(
        day=today, customers=sorted(customer_ids)
    ):
        found[customer_id].append(_Line(Number(phone_id, digits), contact_id, name or "", identity or ""))
    return found


@compiled
def _numbers(*, day: date, customers: list[int]) -> QuerySet[Phone, tuple[int, int, str, int | None, str, str]]:
    rows = Phone.objects.filter(customer__pk__in=customers, customer__restricted=False).dialable()
    rows = rows.filter(Q(contact=None) | Q(contact__left_on=None) | Q(contact__left_on__gt=day))
    return rows.values_list("customer_id", "pk", "number", "contact_id", "contact__name", "contact__identity")


def _with_identity(lines: Sequence[_Line], identity: str) -> list[Number]:
    return [line.number for line in lines if line.identity == identity]


def employee_numbers(store_id: int, today: date) -> frozenset[str]:
    """The numbers of the store's own people: a customer's call to one of them would be no answer of a customer."""
    return staff_numbers.of_store(store_id, today)


def refused_numbers(numbers: Iterable[str], purpose: str, today: date) -> set[str]:
    """Those of some numbers at which somebody of any store does not want to be called for a purpose of rules."""
    return set(_refused(tuple(bans_against(purpose)), day=today, numbers=list(numbers)))


@compiled
def _refused(purposes: tuple[str, ...], *, day: date, numbers: list[str]) -> QuerySet[Phone, str]:
    bans = ContactBan.objects.in_force(day).filter(channel__in=TELEPHONE, vehicle=None, purpose__in=purposes)
    same = Phone.objects.filter(store__in=Store.objects.values("pk"), number__in=numbers, contact=None)
    return same.filter(customer__bans__in=bans).order_by().values_list("number", flat=True)


class Bans:
    """The refusals in force: by customer (and car) of one store, and by number in all stores."""

    def __init__(self, store_id: int, today: date) -> None:
        in_force = ContactBan.objects.in_force(today).filter(channel__in=TELEPHONE)
        self._by_customer: dict[int, list[tuple[int | None, str]]] = defaultdict(list)
        for row in in_force.filter(store_id=store_id).values_list("customer_id", "vehicle_id", "purpose"):
            self._by_customer[row[0]].append((row[1], row[2]))
        self._by_number: dict[str, set[str]] = defaultdict(set)
        numbers = in_force.filter(Q(customer__phones__contact=None), vehicle=None, customer__phones__isnull=False)
        for purpose, digits in numbers.values_list("purpose", "customer__phones__number"):
            self._by_number[digits].add(purpose)

    def on(self, customer_id: int | None, vehicle_id: int | None, numbers: Iterable[Number]) -> set[str]:
        """The purposes of the bans that hold for a customer, a car and the numbers that would be dialled."""
        own = {purpose for car, purpose in self._by_customer.get(customer_id or 0, ()) if car in (None, vehicle_id)}
        return own.union(*(self._by_number.get(number.digits, set()) for number in numbers))

    @property
    def numbers(self) -> list[str]:
        """The numbers of any store that have said no to something."""
        return list(self._by_number)

    @property
    def customer_ids(self) -> list[int]:
        """The customers of the store who have said no to something."""
        return list(self._by_customer)
