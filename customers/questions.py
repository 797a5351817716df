"""What is asked of a customer in passing in a call: one or two facts that the archive lacks (滴灌式, domain 1.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils.translation import get_language

from crm_site.core.compiled import compiled
from customers import profile
from customers.models import Contact, Customer, ProfileField, ProfileRefusal, Vehicle
from customers.rules import profile as rules

#: what nobody can be asked in passing: it follows from other pages
NOT_ASKABLE = (rules.PHONE, rules.CONTACTS)


@dataclass(frozen=True)
class Question:
    """One fact to be asked, with what may be proposed as an answer."""

    row: ProfileField
    #: names that are offered, where the answer is somebody
    names: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """The field's code."""
        return self.row.code

    @property
    def words(self) -> str:
        """The question as it is read aloud, else the field's name."""
        return question_of(self.row)


def question_of(row: ProfileField) -> str:
    """The wording of a field's question in the reader's language; its name where there is none."""
    own = row.question_en if (get_language() or "").startswith("en") else row.question_zh
    return own or row.label


def is_askable(row: ProfileField) -> bool:
    """Whether a field has a place among the questions of a call."""
    return row.ask_position is not None and row.column not in NOT_ASKABLE


def to_ask(customer: Customer | None, vehicle: Vehicle | None, *, today: date) -> list[Question]:
    """The facts to be asked in this call, at most rules.ASKED_A_CALL, in the order that the store has set.

    What a customer would not tell rests for rules.RESTS_DAYS days; facts of a car are asked of the car of the call.
    """
    if customer is None:
        return []
    silent = resting(customer, today)
    rows = [row for row in lacking(customer, vehicle) if row.code not in silent]
    return [_question(row, customer) for row in rows[: rules.ASKED_A_CALL]]


def lacking(customer: Customer, vehicle: Vehicle | None) -> list[ProfileField]:
    """The fields with a place among the questions of a call that are empty, in the order of asking."""
    rows = profile.fields_for(customer.store_id, customer.customer_type)
    asked = [row for row in rows if is_askable(row)]
    cars = [vehicle] if vehicle else []
    known = profile.Known.read([customer], {customer.pk: cars})
    missing = [row for row in asked if (cars or not profile.is_of_cars(row)) and not known.has(customer, row)]
    return profile.in_order_of_asking(missing)


def resting(customer: Customer, today: date) -> set[str]:
    """The codes of the questions that the customer would not answer lately."""
    lately = today - timedelta(days=rules.RESTS_DAYS)
    return set(_refused(customer=customer.pk, after=lately))


@compiled
def _refused(*, customer: int, after: date) -> QuerySet[ProfileRefusal, str]:
    return ProfileRefusal.objects.filter(customer_id=customer, asked_on__gt=after).values_list("field", flat=True)


def _question(row: ProfileField, customer: Customer) -> Question:
    if row.column != rules.DRIVER:
        return Question(row)
    own = [customer.name] if customer.customer_type == rules.PERSON else []
    return Question(row, (*own, *_around(customer=customer.pk)))


@compiled
def _around(*, customer: int) -> QuerySet[Contact, str]:
    return Contact.objects.filter(customer_id=customer, left_on=None).order_by("name").values_list("name", flat=True)
