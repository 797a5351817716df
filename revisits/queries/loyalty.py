"""What is known of many customers at once, for their class: visits, cars, complaints, answers; few queries for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Max, QuerySet

from complaints.models import Complaint, ConfirmResult, Kind, State, Validity
from crm_site.core.compiled import compiled
from crm_site.core.dates import add_months
from customers.models import RepairOrder, Vehicle, VehicleRole
from revisits.rules.loyalty import SHIPPED, YEAR, Facts
from satisfaction.models import Answer, Decision, QuestionKind, Questionnaire, Response

#: questionnaires whose index says how the service was
JUDGING = (Questionnaire.Kind.SALES, Questionnaire.Kind.SERVICE)


def facts_of(
    store_id: int, customer_ids: Collection[int], today: date, sore_months: int = SHIPPED["sore_months"]
) -> dict[int, Facts]:
    """The facts of customers of one store, by key; complaints closed unhappily within so many months."""
    ids = list(customer_ids)
    found = {pk: Facts() for pk in ids}
    _cars(found, store_id, ids, today)
    _visits(found, ids, today)
    _complaints(found, ids, today, sore_months)
    _answers(found, ids, today)
    return found


def _cars(found: dict[int, Facts], store_id: int, ids: list[int], today: date) -> None:
    """Cars in care that are theirs now, as the churn rate counts them."""
    for customer_id, seen_on in _owned(today, store=store_id, customers=ids):
        if customer_id in found:
            facts = found[customer_id]
            facts.has_car = True
            facts.seen_on = max(filter(None, (facts.seen_on, seen_on)), default=None)


def _visits(found: dict[int, Facts], ids: list[int], today: date) -> None:
    """Counting visits of the year; several orders of one car and day are one."""
    days = _days_here(customers=ids, after=add_months(today, -YEAR))
    for customer_id, number in Counter(customer_id for customer_id, _car, _day in days).items():
        found[customer_id].visits = number


def _complaints(found: dict[int, Facts], ids: list[int], today: date, sore_months: int) -> None:
    for customer_id in _complaining(customers=ids):
        found[customer_id].has_open = True
    year = _complained(customers=ids, after=add_months(today, -YEAR))
    for customer_id, number in Counter(year).items():
        found[customer_id].complaints = number
    for customer_id, day in _sore(customers=ids, since=add_months(today, -sore_months)):
        found[customer_id].sore_on = day


def _answers(found: dict[int, Facts], ids: list[int], today: date) -> None:
    """The last index and devotion of the year, and what waits for a decision."""
    for customer_id in _waiting(customers=ids):
        found[customer_id].is_pending = True
    after = add_months(today, -YEAR)
    for customer_id, score in _indexes(customers=ids, after=after):
        found[customer_id].index = score
    for customer_id, normalised in _devotions(customers=ids, after=after):
        found[customer_id].devotion = normalised


# ---- asked after every call, of its customer, and at night of all ----------------------------------------------------


@compiled
def _owned(today: date, *, store: int, customers: list[int]) -> QuerySet[Vehicle, Any]:
    """Of the cars of indicators.stock."""
    roles = VehicleRole.objects.filter(role=VehicleRole.Kind.OWNER, until=None, customer__pk__in=customers)
    owned: QuerySet[Vehicle, Any] = Vehicle.objects.filter(store_id=store).in_care(today).filter(roles__in=roles)
    return owned.values_list("roles__customer", "seen_on")


@compiled
def _days_here(*, customers: list[int], after: date) -> QuerySet[RepairOrder, Any]:
    orders = RepairOrder.objects.counting().filter(customer__pk__in=customers, checked_in_on__gt=after)
    return orders.order_by().values_list("customer", "vehicle", "checked_in_on").distinct()


def _about(customers: list[int]) -> QuerySet[Complaint]:
    """What customers complained of, whatever became of it but an error."""
    rows = Complaint.objects.filter(customer__pk__in=customers).exclude(kind=Kind.QUESTION)
    return rows.exclude(state=State.MERGED).exclude(validity=Validity.INVALID).order_by()


@compiled
def _complaining(*, customers: list[int]) -> QuerySet[Complaint, Any]:
    return _about(customers).open().values_list("customer", flat=True)


@compiled
def _complained(*, customers: list[int], after: date) -> QuerySet[Complaint, Any]:
    return _about(customers).filter(received_on__gt=after).values_list("customer", flat=True)


@compiled
def _sore(*, customers: list[int], since: date) -> QuerySet[Complaint, Any]:
    """Closed although the customer said in the confirming call that they are not satisfied."""
    rows = _about(customers).filter(closed_on__isnull=False, confirmations__result=ConfirmResult.DISSATISFIED)
    return rows.filter(closed_on__gte=since).values_list("customer").annotate(day=Max("closed_on"))


@compiled
def _waiting(*, customers: list[int]) -> QuerySet[Response, Any]:
    rows = Response.objects.filter(customer__pk__in=customers, excluded_at=None, decision=Decision.PENDING)
    return rows.order_by().values_list("customer", flat=True)


def _judged(customers: list[int], after: date) -> QuerySet[Response]:
    """The valid answers of customers that say how the service was."""
    rows = Response.objects.filter(customer__pk__in=customers, called_on__gt=after)
    return rows.valid().filter(version__questionnaire__kind__in=JUDGING).order_by()


@compiled
def _indexes(*, customers: list[int], after: date) -> QuerySet[Response, Any]:
    return _judged(customers, after).order_by("answered_at", "pk").values_list("customer", "score")


@compiled
def _devotions(*, customers: list[int], after: date) -> QuerySet[Answer, Any]:
    devoted = Answer.objects.filter(
        response__in=_judged(customers, after).values("pk"),
        question__kind__in=[QuestionKind.LOYALTY, QuestionKind.NPS],
        normalised__isnull=False,
    )
    return devoted.order_by("response__answered_at", "pk").values_list("response__customer", "normalised")
