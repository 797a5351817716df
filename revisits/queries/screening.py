"""年终筛选: which customers of a year meet the five questions: contribution, visits, loyalty, complaints, archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When

from complaints.models import Complaint, Kind, State, Validity
from crm_site.accounts import policy
from customers.models import LoyaltyClass, YearValue

#: the five questions in their order
QUESTIONS = ("amount", "visits", "loyalty", "complaints", "archive")
#: which classes of service customers pass
LOYALTY = {"loyal": [LoyaltyClass.LOYAL], "ordinary": [LoyaltyClass.LOYAL, LoyaltyClass.ORDINARY]}


@dataclass(frozen=True)
class Thresholds:
    """From where each question is met."""

    #: yuan of the year
    amount: int = 3000
    visits: int = 2
    #: a key of LOYALTY
    loyalty: str = "loyal"
    #: complaints of the year at most
    complaints: int = 0
    #: per cent of the facts asked for that the card holds; no refusal of marketing calls
    archive: int = 80

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of the thresholds."""
        return tuple(one.name for one in fields(cls))


def screened(user: Any, store_id: int, year: int, by: Thresholds) -> QuerySet[YearValue]:
    """The customers who brought something in a year, each with 1 or 0 for every question and `met`, their sum."""
    # as Customer.visible_to says it, on the join that the questions need anyway: a subquery takes seconds at 100,000
    rows = YearValue.objects.visible_to(user).filter(store_id=store_id, year=year, customer__merged_into=None)
    if not policy.allows(user, "customers.restrict", store_id):
        rows = rows.filter(customer__restricted=False)
    conditions = {
        "amount": Q(amount__gte=by.amount),
        "visits": Q(visits__gte=by.visits),
        "loyalty": Q(customer__loyalty_class__in=LOYALTY[by.loyalty]),
        "complaints": ~Q(customer_id__in=_complained(store_id, year, by.complaints)),
        "archive": Q(customer__completeness__gte=by.archive) & ~Q(customer__marketing_consent__exact=False),
    }
    flags = {f"is_{name}": _flag(condition) for name, condition in conditions.items()}
    total = sum((F(name) for name in flags), Value(0))
    return rows.annotate(**flags).annotate(met=total)


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _complained(store_id: int, year: int, at_most: int) -> QuerySet[Any, Any]:
    """The keys of customers with more valid complaints received in the year; asked once for all rows."""
    rows = Complaint.objects.filter(store_id=store_id, kind=Kind.COMPLAINT, received_on__year=year)
    rows = rows.filter(customer__isnull=False).exclude(state=State.MERGED).exclude(validity=Validity.INVALID)
    by_customer: QuerySet[Any, Any] = rows.order_by().values("customer").annotate(number=Count("pk"))
    return by_customer.filter(number__gt=at_most).values("customer")


def summed(rows: QuerySet[YearValue]) -> tuple[Counter[int], Counter[str]]:
    """({questions met: customers}, {question: customers who meet it}); one query of at most 32 groups."""
    names = [f"is_{name}" for name in QUESTIONS]
    groups: Iterable[Any] = rows.order_by().values_list(*names).annotate(number=Count("pk"))
    met: Counter[int] = Counter()
    each: Counter[str] = Counter()
    for *flags, number in groups:
        met[sum(flags)] += number
        each.update({name: number for name, flag in zip(QUESTIONS, flags, strict=True) if flag})
    return met, each
