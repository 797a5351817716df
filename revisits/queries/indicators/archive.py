"""Whether the archive is fit for calling: customers with a usable number, cards that are complete."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Sum, Value, When
from django.utils.translation import gettext_lazy as _

from crm_site.core.figures import Scope
from customers.models import Contact, Customer, CustomerType, Phone
from revisits.queries.indicators.base import MORE, Indicator, hit, rate
from revisits.queries.indicators.calls import due
from satisfaction.rules import Rate, rate_of

#: 必填: what a card must say besides the name; for companies somebody to speak with instead of sex and birthday
PERSON_FIELDS = ("phone", "sex", "birthday", "city")
COMPANY_FIELDS = ("phone", "contact", "city")


def _customers(scope: Scope) -> QuerySet[Customer]:
    """The customers whose calls were due in the period, each once."""
    tasks = due(scope).filter(customer__isnull=False).order_by()
    return Customer.objects.filter(store_id__in=scope.stores, pk__in=tasks.values("customer"))


def _with_number(scope: Scope) -> QuerySet[Customer]:
    good = Phone.objects.filter(customer=OuterRef("pk"), bad_since=None)
    return _customers(scope).annotate(hit=hit(Exists(good)))


def _one(condition: Any) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _complete(scope: Scope) -> QuerySet[Customer]:
    """Each customer with `filled` of `wanted` fields; `hit` where none is missing."""
    person = Q(customer_type=CustomerType.PERSON)
    phone = Exists(Phone.objects.filter(customer=OuterRef("pk")))
    contact = Exists(Contact.objects.filter(customer=OuterRef("pk")))
    filled = (
        _one(phone)
        + _one(~Q(city=""))
        + _one(person & ~Q(sex=""))
        + _one(person & Q(birthday__isnull=False))
        + _one(~person & Q(contact))
    )
    wanted = Case(
        When(person, then=Value(len(PERSON_FIELDS))), default=Value(len(COMPANY_FIELDS)), output_field=IntegerField()
    )
    return _customers(scope).annotate(filled=filled, wanted=wanted).annotate(hit=hit(Q(filled=F("wanted"))))


def _field_rate(rows: QuerySet) -> Rate:
    """Filled fields of all wanted ones."""
    found = rows.order_by().aggregate(n=Sum("wanted"), hits=Sum("filled"))
    return rate_of(found["hits"] or 0, found["n"] or 0)


def cards(rows: QuerySet) -> tuple[int, Decimal | None]:
    """How many customers stand behind the rate of fields, and the share of complete cards among them."""
    found = rows.order_by().aggregate(n=Count("pk"), whole=Sum("hit"))
    return found["n"], Decimal(found["whole"]) / found["n"] if found["n"] else None


NUMBERS = Indicator(
    "numbers", _("Valid number rate"),
    _("customers due with a number that is not known as vacant, wrong or suspended / customers due"),
    _with_number, rate, better=MORE,
)  # fmt: skip
COMPLETE = Indicator(
    "complete", _("Complete archive rate"),
    _("filled / required fields of the customers due: number, city, sex and birthday; for companies a contact"),
    _complete, _field_rate, better=MORE,
)  # fmt: skip
