"""The metrics of improvement measures that complaints bring: how many of a category, and about an employee."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from complaints import settings
from complaints.models import Category, Complaint, Kind, Liability, State, Validity
from complaints.queries.desk import Rows
from crm_site.accounts.models import Department, Employee
from customers.models import NO_VISIT, Delivery, OrderState, RepairOrder
from satisfaction.effect import Metric
from satisfaction.models import ImprovementMeasure
from satisfaction.rules.effect import Counted, Window


def check_after_days(store_id: int) -> int:
    """After how many days a measure that is done asks for its check in this store."""
    return settings.of(store_id).check_after_days


def _valid(measure: ImprovementMeasure, window: Window) -> Rows:
    """Valid complaints and grievances of the days, as every figure counts them."""
    rows = Complaint.objects.live().filter(store_id=measure.store_id, validity=Validity.VALID)
    rows = rows.exclude(state=State.MERGED).exclude(kind=Kind.QUESTION)
    return rows.received_on(window.first, window.last)


def _of_category(measure: ImprovementMeasure, window: Window) -> Counted:
    code = measure.metric_code
    rows = _valid(measure, window).filter(Q(category__code=code) | Q(category__parent__code=code))
    known = settings.categories(measure.store_id, retired=True)
    sold = any(one.code == code and one.department == Department.SALES for one in known)
    return Counted(rows.count(), (_deliveries if sold else _visits)(measure.store_id, window))


def _of_employee(measure: ImprovementMeasure, window: Window) -> Counted:
    liable = Liability.objects.filter(
        kind=Liability.Kind.DIRECT, confirmed_at__isnull=False, employee_id=int(measure.metric_code)
    )
    rows = _valid(measure, window).filter(pk__in=liable.values("complaint_id"))
    return Counted(rows.count(), _visits(measure.store_id, window, int(measure.metric_code)))


def _visits(store_id: int, window: Window, advisor: int | None = None) -> int:
    """台次: distinct cars and days of check-in that count; of one advisor where an employee is measured."""
    orders = RepairOrder.objects.filter(store_id=store_id, checked_in_on__range=(window.first, window.last))
    orders = orders.exclude(state=OrderState.VOID).exclude(job_type__in=NO_VISIT)
    if advisor is not None:
        orders = orders.filter(Q(service_advisor_id=advisor) | Q(technicians__technician_id=advisor))
    return orders.order_by().values("vehicle_id", "checked_in_on").distinct().count()


def _deliveries(store_id: int, window: Window) -> int:
    rows = Delivery.objects.filter(store_id=store_id, delivered_on__range=(window.first, window.last))
    return rows.order_by().values("vehicle_id").distinct().count()


def _categories(stores: list[int]) -> list[tuple[str, str]]:
    rows = Category.objects.filter(Q(store=None) | Q(store_id__in=stores), is_active=True).select_related("parent")
    named = {row.code: f"{row.parent.label} / {row.label}" if row.parent else row.label for row in rows}
    return list(named.items())


def _employees(stores: list[int]) -> list[tuple[str, str]]:
    people = Employee.objects.filter(store_id__in=stores).order_by("store_id", "number")
    return [(str(pk), name) for pk, name in people.values_list("pk", "name")]


def _list(filters: str) -> Callable[[ImprovementMeasure, Window], str]:
    """The address of the list of tickets behind a count, by the days first…last."""

    def url(measure: ImprovementMeasure, window: Window) -> str:
        query = {"figure": "received", "first": window.first, "last": window.last, filters: measure.metric_code}
        return f"{reverse('complaints:list')}?{urlencode({**query, 'store': measure.store_id})}"

    return url


OF_CATEGORY = Metric(_("Complaints of a category"), _categories, _of_category, _list("category"))
OF_EMPLOYEE = Metric(_("Complaints about an employee"), _employees, _of_employee, _list("liable"))
