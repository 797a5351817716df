"""What the cards of a store hold: the fields in force, what stands in them, and how complete the cards are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm_site.core.compiled import compiled
from customers.models import Contact, Customer, Group, Phone, ProfileField, ProfileValue, Vehicle, VehicleRole
from customers.rules import profile as rules

#: which facts of sight a column or an own field is
MASKED = {
    "customer.address": "address", "customer.birthday": "birthday", "customer.email": "email",
    "identity_no": "identity_no", "org_leader_birthday": "birthday",
}  # fmt: skip
#: the groups in the order of the card
GROUPS: dict[str, tuple[str, ...]] = {
    rules.PERSON: (
        Group.BASICS, Group.SPENDING, Group.CAREER, Group.FAMILY, Group.LIFE, Group.EDUCATION, Group.CHARACTER,
        Group.RELATIONS, Group.OWN,
    ),
    rules.ORG: (
        Group.ORG_BASICS, Group.ORG_TRAITS, Group.ORG_BUSINESS, Group.ORG_DEALINGS, Group.ORG_LEADER, Group.OWN,
    ),
}  # fmt: skip


def in_force(store_id: int) -> list[ProfileField]:
    """Every field of a store, switched on or off, in their order; its own row replaces the company's. One query."""
    found: dict[str, ProfileField] = {}
    for row in _fields(store=store_id):
        if row.code not in found or row.store_id is not None:
            found[row.code] = row
    return sorted(found.values(), key=lambda row: (row.position, row.pk))


def fields_for(store_id: int, customer_type: str) -> list[ProfileField]:
    """The fields that are switched on for a person's or an enterprise's card, in their order. One query."""
    return [row for row in in_force(store_id) if row.is_on and row.customer_type in ("", customer_type)]


def values_of(customer_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """{customer: {field's code: what is kept}} of facts that have no column; a card without any is left out."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for customer_id, code, value in _values(customers=list(customer_ids)):
        found[customer_id][code] = value
    return dict(found)


@dataclass(frozen=True)
class State:
    """How complete one card is: the facts that count, and those of them that are missing."""

    asked: list[ProfileField] = field(default_factory=list)
    missing: list[ProfileField] = field(default_factory=list)

    @property
    def filled(self) -> int:
        """How many of the facts that count are there."""
        return len(self.asked) - len(self.missing)

    @property
    def per_cent(self) -> int | None:
        """档案完整率 of the card; None where nothing is asked."""
        return rules.per_cent(self.filled, len(self.asked))


def completeness(customer: Customer, vehicles: Sequence[Vehicle] | None = None) -> tuple[int, int]:
    """(filled, asked) of the facts that count for a card; `vehicles` as in `missing`."""
    state = state_of(customer, vehicles)
    return state.filled, len(state.asked)


def missing(customer: Customer, vehicles: Sequence[Vehicle] | None = None) -> list[ProfileField]:
    """The facts that count and are not there, those that are asked in calls first, in the order of asking.

    `vehicles` are the cars that the customer has to do with now; without them they are read.
    """
    return in_order_of_asking(state_of(customer, vehicles).missing)


def in_order_of_asking(rows: Iterable[ProfileField]) -> list[ProfileField]:
    """The fields with a place among the questions of a call first, then the others as on the card."""
    return sorted(rows, key=lambda row: (row.ask_position is None, row.ask_position or 0, row.position, row.pk or 0))


def state_of(
    customer: Customer, vehicles: Sequence[Vehicle] | None = None, fields: Sequence[ProfileField] | None = None
) -> State:
    """How complete one card is; a fixed number of queries, one fewer where its `fields_for` are known."""
    known = Known.read([customer], {customer.pk: list(vehicles)} if vehicles is not None else None)
    return known.state(customer, fields_for(customer.store_id, customer.customer_type) if fields is None else fields)


def states(store_id: int, customers: Collection[Customer]) -> dict[int, State]:
    """How complete cards of one store are, {customer: State}; a fixed number of queries for any number of cards."""
    rows = [row for row in in_force(store_id) if row.is_on]
    of_type = {kind: [row for row in rows if row.customer_type in ("", kind)] for kind in (rules.PERSON, rules.ORG)}
    known = Known.read(customers)
    return {one.pk: known.state(one, of_type[one.customer_type]) for one in customers}


@dataclass
class Known:
    """What stands of some cards beside their columns: own values, good numbers, contacts, cars and who drives them."""

    values: Mapping[int, Mapping[str, str]]
    phones: Collection[int]
    contacts: Mapping[int, int]
    cars: Mapping[int, Sequence[Vehicle]]
    driven: Collection[int]

    @classmethod
    def read(cls, customers: Collection[Customer], cars: Mapping[int, Sequence[Vehicle]] | None = None) -> Known:
        """Everything about these cards, in five queries (four where the cars are given)."""
        ids = [one.pk for one in customers]
        cars = _cars(ids) if cars is None else cars
        contacts = Counter(_contacts(customers=ids))
        driven = set(_driven(vehicles=sorted({car.pk for some in cars.values() for car in some})))
        return cls(values_of(ids), set(_good_numbers(customers=ids)), contacts, cars, driven)

    def state(self, customer: Customer, rows: Iterable[ProfileField]) -> State:
        """How complete a card is by the fields in force; what is asked of cars counts only where there is one."""
        cars = self.cars.get(customer.pk, ())
        asked = [row for row in rows if row.counts and (cars or not is_of_cars(row))]
        return State(asked, [row for row in asked if not self.has(customer, row)])

    def has(self, customer: Customer, row: ProfileField) -> bool:
        """Whether a fact stands: of every car, where it is asked of cars."""
        if not row.column:
            return bool(self.values.get(customer.pk, {}).get(row.code))
        if is_of_cars(row):
            return all(self._has_of_car(car, row) for car in self.cars.get(customer.pk, ()))
        if row.column == rules.PHONE:
            return customer.pk in self.phones
        if row.column == rules.CONTACTS:
            return self.contacts.get(customer.pk, 0) >= rules.ORG_CONTACTS
        return getattr(customer, column_of(row)) not in (None, "")

    def _has_of_car(self, car: Vehicle, row: ProfileField) -> bool:
        return car.pk in self.driven if row.column == rules.DRIVER else bool(getattr(car, column_of(row)))


@compiled
def _fields(*, store: int) -> QuerySet[ProfileField]:
    return ProfileField.objects.for_store(store)


@compiled
def _values(*, customers: list[int]) -> QuerySet[ProfileValue, Any]:
    rows = ProfileValue.objects.filter(customer__pk__in=customers)
    return rows.values_list("customer_id", "field", "value")


@compiled
def _good_numbers(*, customers: list[int]) -> QuerySet[Phone, int]:
    rows = Phone.objects.filter(customer__pk__in=customers, bad_since=None)
    return rows.order_by().values_list("customer_id", flat=True)


@compiled
def _contacts(*, customers: list[int]) -> QuerySet[Contact, int]:
    rows = Contact.objects.filter(customer__pk__in=customers, left_on=None)
    return rows.order_by().values_list("customer_id", flat=True)


@compiled
def _driven(*, vehicles: list[int]) -> QuerySet[VehicleRole, int]:
    rows = VehicleRole.objects.filter(vehicle__pk__in=vehicles, role=VehicleRole.Kind.DRIVER, until=None)
    return rows.order_by().values_list("vehicle_id", flat=True)


def is_of_cars(row: ProfileField) -> bool:
    """Whether a field is asked of each car rather than of the card."""
    return row.column.startswith("vehicle.")


def column_of(row: ProfileField) -> str:
    """The column of the card or the car that a field switches; '' for a value of its own."""
    return row.column.partition(".")[2]


def is_plain(row: ProfileField) -> bool:
    """Whether the edit form of the card holds it: a value of its own or a column of the card."""
    return not row.column or (row.column.startswith("customer.") and row.column not in (rules.PHONE, rules.CONTACTS))


def fact_of(row: ProfileField) -> str:
    """The fact of Sight by which a field is masked; '' for one that everybody reads."""
    return MASKED.get(row.column or row.code, "")


def group_of(row: ProfileField, customer_type: str) -> str:
    """The group of the card in which a field stands; what both kinds of card hold stands among the first."""
    groups = GROUPS[customer_type]
    return row.group if row.group in groups else groups[0]


def group_title(group: str) -> str:
    """How a group is called."""
    return str(Group(group).label)


def options_of(row: ProfileField) -> list[tuple[str, str]]:
    """(code, word in the reader's language) of a choice."""
    name = "label_en" if (get_language() or "").startswith("en") else "label_zh"
    return [(option["code"], option.get(name) or option["label_zh"]) for option in row.options]


def words_of(row: ProfileField, text: str) -> str:
    """A kept fact as people read it: the word of a choice, yes or no, a number with its thousands."""
    if row.kind == rules.CHOICE:
        return dict(options_of(row)).get(text, text)
    if row.kind == rules.YES_NO:
        return {rules.YES: _("Yes"), rules.NO: _("No")}.get(text, text)
    return text


def text_of(customer: Customer, row: ProfileField, values: Mapping[str, Any]) -> str:
    """What stands in a field of the card, as kept; '' for nothing."""
    value = getattr(customer, column_of(row)) if row.column else values.get(row.code, "")
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _cars(customer_ids: Sequence[int]) -> dict[int, list[Vehicle]]:
    """The cars in use that the customers have to do with now."""
    roles = VehicleRole.objects.filter(
        customer_id__in=customer_ids, until=None, vehicle__state=Vehicle.State.ACTIVE
    ).select_related("vehicle")
    found: dict[int, dict[int, Vehicle]] = defaultdict(dict)
    for role in roles:
        found[role.customer_id][role.vehicle_id] = role.vehicle
    return {customer_id: list(cars.values()) for customer_id, cars in found.items()}
