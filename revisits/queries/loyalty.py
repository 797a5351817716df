"""What is known of many customers at once, for their class: visits, cars, complaints, answers; few queries for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Max, QuerySet

from complaints.models import Complaint, ConfirmResult, Kind, State, Validity
from crm_site.core.dates import add_months
from crm_site.core.figures import Scope
from customers.models import RepairOrder, VehicleRole
from revisits.queries.indicators.stock import stock
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
    cars = stock(Scope((store_id,), today, today, {"today": today}))
    roles = VehicleRole.objects.filter(role=VehicleRole.Kind.OWNER, until=None, customer__in=ids)
    owned: QuerySet[Any, Any] = cars.filter(roles__in=roles)
    for customer_id, seen_on in owned.values_list("roles__customer", "seen_on"):
        if customer_id in found:
            facts = found[customer_id]
            facts.has_car = True
            facts.seen_on = max(filter(None, (facts.seen_on, seen_on)), default=None)


def _visits(found: dict[int, Facts], ids: list[int], today: date) -> None:
    """Counting visits of the year; several orders of one car and day are one."""
    orders = RepairOrder.objects.counting().filter(customer__in=ids, checked_in_on__gt=add_months(today, -YEAR))
    days = orders.order_by().values_list("customer", "vehicle", "checked_in_on").distinct()
    for customer_id, number in Counter(customer_id for customer_id, _car, _day in days).items():
        found[customer_id].visits = number


def _complaints(found: dict[int, Facts], ids: list[int], today: date, sore_months: int) -> None:
    rows = Complaint.objects.filter(customer__in=ids).exclude(kind=Kind.QUESTION).exclude(state=State.MERGED)
    rows = rows.exclude(validity=Validity.INVALID).order_by()
    for customer_id in rows.open().values_list("customer", flat=True):
        found[customer_id].has_open = True
    year = rows.filter(received_on__gt=add_months(today, -YEAR)).values_list("customer", flat=True)
    for customer_id, number in Counter(year).items():
        found[customer_id].complaints = number
    sore = _dissatisfied(rows).filter(closed_on__gte=add_months(today, -sore_months))
    for customer_id, day in sore.values_list("customer").annotate(day=Max("closed_on")):
        found[customer_id].sore_on = day


def _dissatisfied(rows: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """Those that were closed although the customer said in the confirming call that they are not satisfied."""
    return rows.filter(closed_on__isnull=False, confirmations__result=ConfirmResult.DISSATISFIED)


def _answers(found: dict[int, Facts], ids: list[int], today: date) -> None:
    """The last index and devotion of the year, and what waits for a decision."""
    rows = Response.objects.filter(customer__in=ids, excluded_at=None).order_by()
    for customer_id in rows.filter(decision=Decision.PENDING).values_list("customer", flat=True):
        found[customer_id].is_pending = True
    year = rows.valid().filter(called_on__gt=add_months(today, -YEAR), version__questionnaire__kind__in=JUDGING)
    for customer_id, score in year.order_by("answered_at", "pk").values_list("customer", "score"):
        found[customer_id].index = score
    devoted = Answer.objects.filter(
        response__in=year.values("pk"),
        question__kind__in=[QuestionKind.LOYALTY, QuestionKind.NPS],
        normalised__isnull=False,
    )
    latest = devoted.order_by("response__answered_at", "pk").values_list("response__customer", "normalised")
    for customer_id, normalised in latest:
        found[customer_id].devotion = normalised
