"""A store of 1,000 employees with a year behind it, and what its month's report costs."""

from __future__ import annotations

import random
import time
import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bench.figure import figure

MONTH = date(2026, 8, 1)
#: months before MONTH that are published, so that adjustments have something to look through
PUBLISHED = 11
EMPLOYEES, VISITS, TICKETS, ANSWERS = 1000, 20, 2, 10
POSTS = (
    ("service", "service_advisor"), ("workshop", "technician"), ("sales", "sales_consultant"), ("parts", "parts_clerk"),
)  # fmt: skip
GOAL_SECONDS = 10


def seed(code: str = "MONTH1000", *, employees: int = EMPLOYEES) -> Any:
    """Make the store: people, three months of visits and answers, a year of tickets, eleven published months."""
    from crm_site.accounts.models import Employee, Posting, Store

    chance = random.Random(5)
    store = Store.objects.create(code=code, name=code, short_name=code, go_live_on=date(2024, 1, 1))
    people = Employee.objects.bulk_create(
        Employee(store=store, number=f"M{number:04d}", name=f"员工{number:04d}", hired_on=date(2024, 1, 1))
        for number in range(employees)
    )
    Posting.objects.bulk_create(
        Posting(employee=one, department=POSTS[number % 4][0], post=POSTS[number % 4][1], since=date(2024, 1, 1))
        for number, one in enumerate(people)
    )
    orders = _visits(store, people, chance)
    _answers(store, people, orders, chance)
    _tickets(store, people, chance)
    _publish(store, people[0])
    return store


def _visits(store: Any, people: list[Any], chance: random.Random) -> list[Any]:
    from crm_site.core import clock
    from customers.models import Customer, RepairOrder, Vehicle

    customer = Customer.objects.create(store=store, number="M1", name="测试", created_at=clock.at(MONTH))
    cars = Vehicle.objects.bulk_create(
        Vehicle(store=store, plate_no=f"渝A{number:05d}", created_at=clock.at(MONTH)) for number in range(5000)
    )
    advisors = people[::4]
    days = [MONTH + timedelta(days=number) for number in range(-60, 31)]
    orders = [
        RepairOrder(
            store=store, order_number=f"M{number}", vehicle=chance.choice(cars), customer=customer, job_type="general",
            state="settled", checked_in_on=(day := chance.choice(days)), recorded_on=day, released_on=day,
            service_advisor=chance.choice(advisors),
        )
        for number in range(len(people) * VISITS * 3 // 2)
    ]  # fmt: skip
    return RepairOrder.objects.bulk_create(orders, batch_size=2000)


def _answers(store: Any, people: list[Any], orders: list[Any], chance: random.Random) -> None:
    from crm_site.core import clock
    from satisfaction.models import EmployeeScore, Response
    from satisfaction.queries import current_version

    version = current_version("CSI_SHORT", store.pk)
    rows = [
        Response(
            store=store, version=version, customer=order.customer, repair_order=order, asked_by=people[1],
            answered_at=clock.at(order.checked_in_on, 10), called_on=order.checked_in_on, is_valid=True,
            score=Decimal(80), submission=uuid.uuid4(),
        )
        for order in orders[: len(people) * ANSWERS]
    ]  # fmt: skip
    Response.objects.bulk_create(rows, batch_size=2000)
    EmployeeScore.objects.bulk_create(
        (
            EmployeeScore(response=row, employee_id=who, part="service_advisor", score=chance.randrange(50, 100))
            for row in rows
            for who in {row.repair_order.service_advisor_id, chance.choice(people).pk}
        ),
        batch_size=2000,
    )


def _tickets(store: Any, people: list[Any], chance: random.Random) -> None:
    """A year of complaints, `TICKETS` for each employee and month, two thirds of them closed."""
    from complaints.models import Category, Complaint, Level, Liability
    from crm_site.core import clock

    levels = list(Level.objects.filter(store=None))
    categories = list(Category.objects.filter(store=None))
    rows = []
    for number in range(len(people) * TICKETS * (PUBLISHED + 1)):
        received = clock.at(MONTH + timedelta(days=chance.randrange(-330, 31)), chance.randrange(24))
        closed = received + timedelta(hours=chance.randrange(1, 200)) if chance.random() < 0.66 else None
        rows.append(Complaint(
            store=store, number=f"M{number}", kind="complaint", source="phone", level=chance.choice(levels),
            category=chance.choice(categories), words="…", reported_by=people[1], received_at=received,
            received_on=clock.business_day(received), state="closed" if closed else "acting", closed_at=closed,
            closed_on=clock.business_day(closed) if closed else None, validity="valid", submission=uuid.uuid4(),
            closing_due_at=received + timedelta(hours=72), response_due_at=received + timedelta(hours=2),
            responded_at=received + timedelta(hours=1),
        ))  # fmt: skip
    Complaint.objects.bulk_create(rows, batch_size=2000)
    Liability.objects.bulk_create(
        (
            Liability(store=store, complaint=row, kind="direct", party="employee", employee=chance.choice(people),
                      confirmed_at=row.received_at)
            for row in rows
        ),
        batch_size=2000,
    )  # fmt: skip


def _publish(store: Any, by: Any) -> None:
    """Build and publish the months before; then move some liabilities, so that there is something to make up for."""
    from complaints.models import Liability
    from crm_site.core import clock
    from crm_site.reports import actions
    from crm_site.reports.periods import month_start

    for back in range(PUBLISHED, 0, -1):
        month = month_start(MONTH, back)
        now = clock.at(month_start(month, -1) + timedelta(days=20))
        report = actions.build_draft(store, month, None, now=now)
        actions.publish(report.pk, by=by, now=now)
    moved = Liability.objects.filter(store=store).order_by("pk").values_list("pk", flat=True)[:200]
    Liability.objects.filter(pk__in=list(moved)).update(party="nobody", employee=None)


def measure(store: Any) -> dict[str, float]:
    """Build the month's draft once: seconds of the processor here, seconds in all, and how many queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from crm_site.core import clock
    from crm_site.reports import actions

    now = clock.at(MONTH + timedelta(days=50))
    with CaptureQueriesContext(connection) as queries:
        wall, cpu = time.perf_counter(), time.process_time()
        actions.build_draft(store, MONTH, None, now=now)
        return {
            "cpu": time.process_time() - cpu,
            "wall": time.perf_counter() - wall,
            "queries": len(queries),
        }


def figures(store: Any | None = None) -> bool:
    """Print the figures of the month's report of 1,000 employees; gives whether all goals are met."""
    found = measure(store or seed())
    met = figure("month-report-1000-employees", found["wall"], "s", goal=GOAL_SECONDS)
    figure("month-report-1000-employees-cpu", found["cpu"], "s")
    figure("month-report-queries", found["queries"], "queries")
    return met
