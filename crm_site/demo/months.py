"""The monthly reports: those of the past published on their day, one after an appeal, and one decided late."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from complaints.actions import confirm_liability
from complaints.models import Complaint, Liability
from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.demo.world import House, World
from crm_site.reports import actions, parts, periods
from crm_site.reports.models import MonthlyReport
from crm_site.reports.periods import Calendar
from crm_site.worktime import calendars

PUBLISHED_MONTHS = 11


def make(world: World) -> None:
    """Reports of every store for the last eleven months and the running one."""
    for house in world.houses:
        for back in range(PUBLISHED_MONTHS, 0, -1):
            _month(world, house, back)
        _decide_late(world, house)
        _month(world, house, 0)


def _month(world: World, house: House, back: int) -> None:
    """One month: built on the first of the next, published on its day if that has come."""
    month = periods.month_start(world.today, back)
    if month < periods.month_start(house.store.go_live_on):
        return
    built = clock.at(periods.month_start(world.today, back - 1), 1) if back else world.now
    report = actions.build_draft(house.store, month, None, now=built)
    days = periods.calendar_of(periods.period_of(month), calendars.legal_calendar())
    published = clock.at(days.publish_on, 15) + timedelta(minutes=7 * back)
    if published <= world.now:
        _appeal(house, report, days)
        actions.publish(report.pk, by=house.staff["manager"][0], now=published)


def _appeal(house: House, report: MonthlyReport, days: Calendar) -> None:
    """The head of the service objects to one liability of the department; the manager leaves it."""
    head, manager = house.staff["head:service"][0], house.staff["manager"][0]
    found = _first_line(report, parts.headed(head, days.shown_from))
    if found is None:
        return
    appeal = actions.raise_appeal(
        report.pk,
        employee=Employee.objects.get(pk=found[0]),
        complaint=Complaint.objects.get(pk=found[1]),
        reason="客户当天改了预约，等候时间不是接待造成的",
        by=head,
        submission=uuid.uuid5(uuid.NAMESPACE_OID, f"appeal-{report.store_id}-{report.month}"),
        now=clock.at(days.shown_until, 10),
    )
    decision = "预约记录显示提前一天已确认到店时间，维持原判"
    actions.decide(appeal.pk, accepts=False, decision=decision, by=manager, now=clock.at(days.shown_until, 16))


def _first_line(report: MonthlyReport, departments: set[str]) -> tuple[int, int] | None:
    """(employee, ticket) of the first complaint of the departments in a report."""
    rows = (row for row in report.snapshot["rows"] if row["direct"] and row["department"] in departments)
    return next(((row["employee"], row["direct"][0]) for row in rows), None)


def _decide_late(world: World, house: House) -> None:
    """A published complaint turns out to be the manufacturer's: the running month makes up for it."""
    since = periods.month_start(world.today, 4)
    late = _published_liability(house, since, periods.month_start(world.today))
    if late is not None:
        confirm_liability(late.complaint_id, party="manufacturer", by=house.staff["manager"][0], now=world.now)


def _published_liability(house: House, first: date, end: date) -> Liability | None:
    """The latest confirmed liability of an employee among the closed complaints of published months."""
    rows = Liability.objects.filter(
        store=house.store, kind="direct", party="employee", confirmed_at__isnull=False,
        complaint__state="closed", complaint__validity="valid", complaint__level__rank__gte=2,
        complaint__received_on__gte=first, complaint__received_on__lt=end,
    )  # fmt: skip
    return rows.order_by("-complaint__received_at", "pk").first()
