"""Reads the facts of a month that the report counts: people, visits, answers and tickets; few queries, no writing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from complaints import queries as complaints
from complaints.models import Complaint, Kind, Liability, State, Validity
from crm_site.accounts.models import Employee
from crm_site.core.dates import Month
from crm_site.core.figures import Scope
from customers.models import Delivery, JobType, OrderState, RepairOrder, Workmanship
from satisfaction.models import Questionnaire
from satisfaction.queries.judgements import Judgement, judgements

#: visits of these job types are no throughput (domain 4.1, 7)
NOT_COUNTED_JOBS = (JobType.PDI, JobType.FREE_CHECK, JobType.WASH, JobType.INTERNAL)
#: the confirmation's recovery score stands apart
SCORED_KINDS = (Questionnaire.Kind.SALES, Questionnaire.Kind.SERVICE)

#: one visit: (vehicle, day of check-in); one delivery: (vehicle, None)
Visit = tuple[int, date | None]


@dataclass(frozen=True)
class Ticket:
    """A valid ticket as the report sees it; `direct` is the employee, `line` the party where it is none."""

    pk: int
    number: str
    received_on: date
    is_complaint: bool
    category: str
    minutes: int | None
    direct: int | None
    line: str
    joint: tuple[int, ...]


def visits(store_id: int, month: Month) -> dict[int, set[Visit]]:
    """{employee: what they served in the month}: cars by check-in day as advisor or technician, cars delivered."""
    found: dict[int, set[Visit]] = defaultdict(set)
    orders = _counting_orders(store_id, month)
    advised = orders.filter(service_advisor__isnull=False)
    for who, vehicle, day in advised.values_list("service_advisor_id", "vehicle_id", "checked_in_on").distinct():
        found[who].add((vehicle, day))
    work = Workmanship.objects.filter(order__in=orders.order_by().values("pk"), technician__isnull=False)
    for who, vehicle, day in work.values_list("technician_id", "order__vehicle_id", "order__checked_in_on").distinct():
        found[who].add((vehicle, day))
    for who, cars in deliveries(store_id, month.start, month.last).items():
        found[who] |= {(vehicle, None) for vehicle in cars}
    return found


def _counting_orders(store_id: int, month: Month):
    days = (month.start, month.last)
    orders = RepairOrder.objects.filter(store_id=store_id, checked_in_on__range=days)
    return orders.exclude(state=OrderState.VOID).exclude(job_type__in=NOT_COUNTED_JOBS)


def deliveries(store_id: int, first: date, last: date) -> dict[int, set[int]]:
    """{sales consultant: the cars delivered on the days first…last}."""
    rows = Delivery.objects.filter(store_id=store_id, delivered_on__range=(first, last), sales_consultant__isnull=False)
    found: dict[int, set[int]] = defaultdict(set)
    for who, vehicle in rows.values_list("sales_consultant_id", "vehicle_id").distinct():
        found[who].add(vehicle)
    return found


def answers(store_id: int, month: Month) -> dict[int, list[Judgement]]:
    """{employee: what the valid responses called in the month say about their work}."""
    found: dict[int, list[Judgement]] = defaultdict(list)
    for one in judgements(Scope.of_month((store_id,), month), SCORED_KINDS):
        found[one.employee_id].append(one)
    return found


def tickets(store_id: int, first: date, last: date) -> list[Ticket]:
    """The valid complaints and grievances received on the days first…last, with who answers for them."""
    counted, noted = total(store_id, first, last), grievances(store_id, first, last)
    found = Complaint.objects.filter(Q(pk__in=counted.values("pk")) | Q(pk__in=noted.values("pk"))).order_by("pk")
    rows: list[Any] = list(found.values(
        "pk", "number", "received_on", "received_at", "closed_at", "state", "kind", "level__rank",
        top=Coalesce(F("category__parent__code"), F("category__code")),
    ))  # fmt: skip
    liable = _confirmed_liabilities(row["pk"] for row in rows)
    return [_ticket(row, liable.get(row["pk"], [])) for row in rows]


def total(store_id: int, first: date, last: date):
    """The rows behind the store's 投诉次数: valid complaints L2–L4, not merged, received on the days."""
    return complaints.counted(store_id, first, last).filter(kind=Kind.COMPLAINT).order_by()


def grievances(store_id: int, first: date, last: date):
    """The rows behind 抱怨次数: valid tickets at L1 and grievances, not merged, received on the days."""
    rows = Complaint.objects.filter(store_id=store_id, validity=Validity.VALID).received_on(first, last)
    rows = rows.exclude(state=State.MERGED).exclude(kind=Kind.QUESTION)
    return complaints.countable(rows).filter(Q(kind=Kind.GRIEVANCE) | Q(level__rank=1)).order_by()


def unjudged(store_id: int, first: date, last: date):
    """Complaints of the days that no figure counts yet: validity to be judged, or no level.

    Those of old registers are not waiting for anybody: without a level they are not counted.
    """
    rows = Complaint.objects.filter(store_id=store_id, kind=Kind.COMPLAINT).received_on(first, last)
    rows = rows.live().exclude(state=State.MERGED).exclude(validity=Validity.INVALID)
    return rows.filter(Q(validity=Validity.PENDING) | Q(level=None)).order_by("pk")


def roster(store_id: int, month: Month, active: set[int]) -> list[Employee]:
    """Everybody employed on any day of the month, and everybody else with a visit, answer or complaint."""
    employed = Q(hired_on=None) | Q(hired_on__lte=month.last)
    employed &= Q(left_on=None) | Q(left_on__gte=month.start)
    rows = Employee.objects.filter(employed | Q(pk__in=active), store_id=store_id)
    return list(rows.prefetch_related("postings").order_by("number", "pk"))


def _confirmed_liabilities(pks: Iterable[int]) -> dict[int, list[tuple[str, str, int | None]]]:
    """{ticket: (direct or joint, party, employee)}, of confirmed liabilities only."""
    rows = Liability.objects.filter(complaint__in=list(pks), confirmed_at__isnull=False).order_by("pk")
    found: dict[int, list[tuple[str, str, int | None]]] = defaultdict(list)
    for ticket, kind, party, employee in rows.values_list("complaint_id", "kind", "party", "employee_id"):
        found[ticket].append((kind, party, employee))
    return found


def _ticket(row: dict[str, Any], liable: list[tuple[str, str, int | None]]) -> Ticket:
    direct = next((one for one in liable if one[0] == Liability.Kind.DIRECT), None)
    party = direct[1] if direct else ""
    is_closed = row["state"] == State.CLOSED and row["closed_at"] is not None
    return Ticket(
        pk=row["pk"],
        number=row["number"],
        received_on=row["received_on"],
        is_complaint=row["kind"] == Kind.COMPLAINT and (row["level__rank"] or 0) > 1,
        category=row["top"] or "",
        minutes=int((row["closed_at"] - row["received_at"]).total_seconds() // 60) if is_closed else None,
        direct=direct[2] if direct else None,
        line="" if party == Liability.Party.EMPLOYEE else party,
        joint=tuple(sorted(who for kind, _party, who in liable if kind == Liability.Kind.JOINT and who)),
    )
