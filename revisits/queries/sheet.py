"""维修客户回访统计表: one line a repair revisit that was called, with everything that the trade's form asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet

from complaints.models import Complaint
from crm_site.accounts.models import Employee
from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.figures import Scope
from customers.models import RepairOrder, Vehicle, Workmanship
from revisits.models import CallAttempt, CallResult, Revisit
from revisits.queries.coverage import SERVICE, Kind
from satisfaction.models import Answer, Decision, Response

_FILLED = ("customer.filled_in_call", "vehicle.filled_in_call")


def called(scope: Scope, kind: Kind = SERVICE) -> QuerySet[Revisit]:
    """The repair (or delivery) revisits whose last call lies in the period, of the scope's advisor and result."""
    start, end = clock.day_bounds(scope.start, scope.last)
    rows = Revisit.objects.filter(
        store_id__in=scope.stores, rule__code__in=kind.rules, last_attempt_at__gte=start, last_attempt_at__lt=end
    )
    if scope.get("advisor"):
        rows = rows.filter(repair_order__service_advisor_id=scope.get("advisor"))
    if scope.get("technician"):
        work = Workmanship.objects.filter(technician_id=scope.get("technician"), is_lead=True)
        rows = rows.filter(repair_order__in=work.values("order"))
    return rows.filter(last_result__code=scope.get("result")) if scope.get("result") else rows


def loaded(rows: QuerySet[Revisit]) -> QuerySet[Revisit]:
    """The rows with all that a line shows, in a fixed number of queries."""
    answers = Answer.objects.select_related("question").order_by("question__position")
    attempts = CallAttempt.objects.select_related("by", "response", "complaint__handler").order_by("started_at", "pk")
    attempts = attempts.prefetch_related(Prefetch("response__answers", answers))
    leads = Workmanship.objects.filter(is_lead=True).select_related("technician").order_by("pk")
    return rows.select_related(
        "store",
        "customer",
        "vehicle",
        "phone",
        "last_result",
        "repair_order__service_advisor",
        "delivery__sales_consultant",
    ).prefetch_related(Prefetch("attempts", attempts), Prefetch("repair_order__technicians", leads, to_attr="leads"))


@dataclass(frozen=True)
class SheetLine:
    """One called repair revisit as the form's columns ask."""

    task: Revisit
    order: RepairOrder | None
    called_on: date
    caller: Employee | None
    technicians: tuple[str, ...]
    answers: tuple[Answer, ...]
    low: tuple[Answer, ...]
    response: Response | None
    ticket: Complaint | None
    is_corrected: bool

    @property
    def decision(self) -> str:
        """What was decided about low answers, in words; '' where nothing was low."""
        code = self.response.decision if self.response else ""
        return str(Decision(code).label) if code else ""


def lines(tasks: Sequence[Revisit]) -> list[SheetLine]:
    """Loaded rows as lines."""
    corrected = _corrected(tasks)
    return [_line(task, corrected) for task in tasks]


def _line(task: Revisit, corrected: set[tuple[str, int, date]]) -> SheetLine:
    attempts = list(task.attempts.all())
    response = next((one.response for one in reversed(attempts) if one.response_id), None)
    ticket = next((one.complaint for one in reversed(attempts) if one.complaint_id), None)
    order = task.repair_order
    given = tuple(response.answers.all()) if response else ()
    day = clock.business_day(task.last_attempt_at)  # type: ignore[arg-type]  # the rows are those with a call
    subjects = (("customers.customer", task.customer_id), ("customers.vehicle", task.vehicle_id))
    return SheetLine(
        task=task,
        order=order,
        called_on=day,
        caller=attempts[-1].by if attempts else None,
        technicians=tuple(_names(order)) if order else (),
        answers=tuple(one for one in given if one.state == Answer.State.GIVEN and one.value is not None),
        low=tuple(one for one in given if one.is_low),
        response=response,
        ticket=ticket,
        is_corrected=any((kind, pk, day) in corrected for kind, pk in subjects if pk),
    )


def _names(order: RepairOrder) -> Iterable[str]:
    """主修: the leads of the trades, each once."""
    leads: list[Workmanship] = getattr(order, "leads", [])
    return dict.fromkeys(one.technician.name if one.technician else one.technician_name for one in leads)


def _corrected(tasks: Sequence[Revisit]) -> set[tuple[str, int, date]]:
    """Whose facts were completed in a call, on which day: (kind, id, day); one query."""
    days = [task.last_attempt_at for task in tasks if task.last_attempt_at]
    if not days:
        return set()
    start, _end = clock.day_bounds(clock.business_day(min(days)))
    _start, end = clock.day_bounds(clock.business_day(max(days)))
    rows = Entry.objects.filter(action__in=_FILLED, store_id__in={task.store_id for task in tasks}, at__gte=start,
                                at__lt=end)  # fmt: skip
    return {(kind, pk, clock.business_day(at)) for kind, pk, at in rows.values_list("subject_type", "subject_id", "at")}


def advisors(scope: Scope) -> list[Employee]:
    """The advisors whose repairs were called in the period, for the filter."""
    whole = scope.having(advisor=None, result=None)
    ids = called(whole).order_by().values("repair_order__service_advisor")
    return list(Employee.objects.filter(pk__in=ids).order_by("number"))


def results(scope: Scope) -> list[CallResult]:
    """The results that the period has, for the filter: one for each code, a store's own before the company's."""
    whole = scope.having(advisor=None, result=None)
    rows = CallResult.objects.filter(pk__in=called(whole).order_by().values("last_result"))
    by_code = {row.code: row for row in sorted(rows, key=lambda row: row.store_id or 0)}
    return sorted(by_code.values(), key=lambda row: row.position)


def car_words(car: Vehicle | None) -> str:
    """Series and model of a car, said once."""
    if car is None:
        return ""
    return car.model if car.series and car.model.startswith(car.series) else f"{car.series} {car.model}".strip()
