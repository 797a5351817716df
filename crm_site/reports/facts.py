"""Reads the facts of a month that the report counts: people, visits and answers; few queries, no writing."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from django.db.models import Q, QuerySet

from crm_site.accounts.models import Employee
from crm_site.core.figures import Scope
from crm_site.reports.periods import Period
from customers.models import Delivery, JobType, OrderState, RepairOrder, Workmanship
from satisfaction.models import EmployeeScore, Questionnaire
from satisfaction.queries.figures import valid_responses
from satisfaction.queries.judgements import Judgement, judgements

#: visits of these job types are no throughput (domain 4.1, 7)
NOT_COUNTED_JOBS = (JobType.PDI, JobType.FREE_CHECK, JobType.WASH, JobType.INTERNAL)
#: the confirmation's recovery score stands apart
SCORED_KINDS = (Questionnaire.Kind.SALES, Questionnaire.Kind.SERVICE)

#: one visit: (vehicle, day of check-in); one delivery: (vehicle, None)
Visit = tuple[int, date | None]
#: {employee: {visit: the day on which it happened}}
Served = dict[int, dict[Visit, date]]


def visits(store_id: int, period: Period) -> Served:
    """What everybody served in the period: cars by check-in day as advisor or technician, cars delivered."""
    found: Served = defaultdict(dict)
    orders = _counting_orders(store_id, period)
    advised = orders.filter(service_advisor__isnull=False)
    for who, vehicle, day in advised.values_list("service_advisor_id", "vehicle_id", "checked_in_on").distinct():
        found[who][vehicle, day] = day
    work = Workmanship.objects.filter(order__in=orders.order_by().values("pk"), technician__isnull=False)
    for who, vehicle, day in work.values_list("technician_id", "order__vehicle_id", "order__checked_in_on").distinct():
        found[who][vehicle, day] = day
    for who, cars in deliveries(store_id, period.start, period.last).items():
        found[who] |= {(vehicle, None): day for vehicle, day in cars.items()}
    return found


def _counting_orders(store_id: int, period: Period) -> QuerySet[RepairOrder]:
    orders = RepairOrder.objects.filter(store_id=store_id, checked_in_on__range=(period.start, period.last))
    return orders.exclude(state=OrderState.VOID).exclude(job_type__in=NOT_COUNTED_JOBS)


def deliveries(store_id: int, first: date, last: date) -> dict[int, dict[int, date]]:
    """{sales consultant: {car: the day it was first delivered}} of the days first…last."""
    rows = Delivery.objects.filter(store_id=store_id, delivered_on__range=(first, last), sales_consultant__isnull=False)
    found: dict[int, dict[int, date]] = defaultdict(dict)
    for who, vehicle, day in rows.order_by("delivered_on").values_list(
        "sales_consultant_id", "vehicle_id", "delivered_on"
    ):
        found[who].setdefault(vehicle, day)
    return found


def answers(store_id: int, period: Period) -> dict[int, list[Judgement]]:
    """{employee: what the valid responses called in the period say about their work}."""
    found: dict[int, list[Judgement]] = defaultdict(list)
    for one in judgements(_scope(store_id, period.start, period.end), SCORED_KINDS):
        found[one.employee_id].append(one)
    return found


def judged(store_id: int, first: date, end: date) -> list[tuple[int, int, date]]:
    """(employee, response, day of the call) of every score of first ≤ day < end: what `answers` counts."""
    rows = EmployeeScore.objects.filter(
        response__in=_responses(_scope(store_id, first, end)).values("pk"), score__isnull=False
    )
    return list(rows.values_list("employee_id", "response_id", "response__called_on"))


def questionnaires(store_id: int, period: Period) -> list[list[str | int]]:
    """[code, version] of every questionnaire with which the counted answers were asked."""
    rows = _responses(_scope(store_id, period.start, period.end))
    asked = rows.order_by().values_list("version__questionnaire__code", "version__number").distinct()
    return sorted([code, number] for code, number in asked)


def _responses(scope: Scope) -> QuerySet:
    return valid_responses(scope).filter(version__questionnaire__kind__in=SCORED_KINDS).order_by()


def _scope(store_id: int, first: date, end: date) -> Scope:
    return Scope((store_id,), first, end)


def roster(store_id: int, period: Period, active: set[int]) -> list[Employee]:
    """Everybody employed on any day of the period, and everybody else with a visit, answer or complaint."""
    employed = Q(hired_on=None) | Q(hired_on__lte=period.last)
    employed &= Q(left_on=None) | Q(left_on__gte=period.start)
    rows = Employee.objects.filter(employed | Q(pk__in=active), store_id=store_id)
    return list(rows.prefetch_related("postings").order_by("number", "pk"))
