"""Which tables point to a customer's card, and what a merge does with the rows of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import Model

from customers.models import Customer


class Fate(Enum):
    """What becomes of the merged card's rows of a table."""

    #: they point to the survivor
    MOVE = "move"
    #: they point to the survivor; one that the survivor has too gives way to its twin
    TWIN = "twin"
    #: they follow from other rows and are written anew
    DERIVED = "derived"
    #: they are the merges themselves, or the pairs that led to them
    OWN = "own"


@dataclass(frozen=True)
class Rule:
    """What a merge does with the rows of one table; of twins the columns that make two rows the same."""

    fate: Fate
    twin: tuple[str, ...] = ()
    #: only rows that hold these values can be twins
    standing: tuple[tuple[str, Any], ...] = ()


class Relation(NamedTuple):
    """One column that points to a card."""

    model: type[Model]
    column: str
    rule: Rule

    @property
    def name(self) -> str:
        """How the journal calls it: "customers.phone.customer_id"."""
        return name_of(self.model, self.column)


MOVE = Rule(Fate.MOVE)

#: in the order of moving: contacts before what hangs on them; a table that is missing here fails a test
RULES: dict[str, Rule] = {
    "customers.contact.customer_id": Rule(Fate.TWIN, ("name",)),
    "customers.phone.customer_id": Rule(Fate.TWIN, ("number",)),
    "customers.vehiclerole.customer_id": Rule(
        Fate.TWIN, ("vehicle_id", "role", "contact_id"), standing=(("until", None),)
    ),
    "customers.profilevalue.customer_id": Rule(Fate.TWIN, ("field",)),
    "customers.profilerefusal.customer_id": Rule(Fate.TWIN, ("field",)),
    "customers.yearvalue.customer_id": Rule(Fate.TWIN, ("year",)),
    "customers.classchange.customer_id": Rule(Fate.TWIN, ("scheme", "changed_on")),
    "customers.factcheck.customer_id": Rule(Fate.TWIN, ("fact",)),
    "customers.consent.customer_id": MOVE,
    "customers.contactban.customer_id": MOVE,
    "customers.delivery.customer_id": MOVE,
    "customers.repairorder.customer_id": MOVE,
    "customers.booking.customer_id": MOVE,
    "customers.reveal.customer_id": MOVE,
    "customers.correction.customer_id": MOVE,
    "customers.customer.merged_into_id": MOVE,
    "satisfaction.response.customer_id": MOVE,
    "satisfaction.sitting.customer_id": MOVE,
    "complaints.complaint.customer_id": MOVE,
    "revisits.revisit.customer_id": MOVE,
    "revisits.skip.customer_id": MOVE,
    "revisits.pastcall.customer_id": MOVE,
    "privacy.datarequest.customer_id": MOVE,
    "customers.searchtoken.customer_id": Rule(Fate.DERIVED),
    "privacy.duplicatepair.one_id": Rule(Fate.OWN),
    "privacy.duplicatepair.other_id": Rule(Fate.OWN),
    "privacy.merge.survivor_id": Rule(Fate.OWN),
    "privacy.merge.merged_id": Rule(Fate.OWN),
}


def name_of(model: type[Model], column: str = "") -> str:
    """A table, and one of its columns, as the journal calls them."""
    return ".".join(filter(None, (model._meta.label_lower, column)))


def resolve(name: str) -> tuple[type[Model], str]:
    """The table and column that the journal names; the column is "" where it names the table alone."""
    app, model, *column = name.split(".")
    return apps.get_model(app, model), column[0] if column else ""


def referrers(model: type[Model]) -> Iterator[tuple[type[Model], str]]:
    """Every table and column that points to a model's rows, also without a way back."""
    for one in model._meta.get_fields(include_hidden=True):
        related: Any = one
        if related.auto_created and not related.concrete and (related.one_to_many or related.one_to_one):
            yield related.related_model, related.field.attname


def of_customers() -> list[Relation]:
    """Every column that points to a card with its rule, in the order of moving; one without a rule simply moves."""
    order = {name: place for place, name in enumerate(RULES)}
    found = [Relation(model, column, RULES.get(name_of(model, column), MOVE)) for model, column in referrers(Customer)]
    return sorted(found, key=lambda relation: order.get(relation.name, len(order)))


def undeclared() -> list[str]:
    """Columns that point to a card and have no rule: nobody has said yet what a merge does with them."""
    return [relation.name for relation in of_customers() if relation.name not in RULES]
