"""A month full of visits, deliveries, answers and tickets of a store, made from a seed, for the tests of reports."""

import random
import uuid
from datetime import date, timedelta

from django.urls import reverse

from complaints.models import Category, Complaint, Kind, Level, Liability, State, Validity
from crm_site.accounts.models import Department, Post
from crm_site.core import clock, sql
from customers.models import Delivery, JobType, OrderState, RepairOrder, Workmanship
from tests.factories import CustomerFactory, EmployeeFactory, PostingFactory, VehicleFactory
from tests.satisfaction.surveys import respond, short_answers

MONTH = date(2026, 8, 1)
LIST = reverse("reports:list")
LAST = date(2026, 8, 31)
POSTS = (
    (Department.SERVICE, Post.SERVICE_ADVISOR),
    (Department.WORKSHOP, Post.TECHNICIAN),
    (Department.SALES, Post.SALES_CONSULTANT),
    (Department.PARTS, Post.PARTS_CLERK),
)


def make_staff(store, count: int = 8) -> list:
    """Employees of all series in turn."""
    staff = []
    for number in range(count):
        employee = EmployeeFactory(store=store, number=f"R{number:03d}", name=f"同事{number}")
        department, post = POSTS[number % len(POSTS)]
        PostingFactory(employee=employee, department=department, post=post)
        staff.append(employee)
    return staff


class World:
    """Facts of three months around MONTH, by chance but always the same."""

    def __init__(self, store, *, staff: int = 8, seed: int = 7) -> None:
        self.store, self.random = store, random.Random(seed)
        self.staff = make_staff(store, staff)
        self.advisors = [one for number, one in enumerate(self.staff) if number % 4 == 0]
        self.technicians = [one for number, one in enumerate(self.staff) if number % 4 == 1]
        self.consultants = [one for number, one in enumerate(self.staff) if number % 4 == 2]
        self.cars = VehicleFactory.create_batch(40, store=store)
        self.customer = CustomerFactory(store=store)

    def day(self) -> date:
        """A day of June to September."""
        return date(2026, 6, 1) + timedelta(days=self.random.randrange(110))

    def orders(self, count: int) -> None:
        """Repair orders of all types and states, with up to two technicians."""
        rows = []
        for number in range(count):
            day = self.day()
            state = self.random.choices(OrderState.values, (1, 8, 1))[0]
            rows.append(RepairOrder(
                store=self.store, order_number=f"W{number}", vehicle=self.random.choice(self.cars),
                customer=self.customer, job_type=self.random.choice(JobType.values), state=state,
                checked_in_on=day, recorded_on=day, released_on=day if state == OrderState.SETTLED else None,
                service_advisor=self.random.choice([*self.advisors, None]),
            ))  # fmt: skip
        sql.insert_rows(rows)
        work = []
        for order in rows:
            for trade in self.random.sample(["mechanical", "body", "paint"], self.random.randrange(3)):
                who = self.random.choice([*self.technicians, None])
                work.append(Workmanship(store=self.store, order=order, trade=trade, technician=who,
                                        technician_name=f"{order.pk}{trade}"))  # fmt: skip
        sql.insert_rows(work)

    def deliveries(self, count: int) -> None:
        """Deliveries by consultants; the same car may be delivered twice."""
        pairs = {(self.random.choice(self.cars), self.day()) for _ in range(count)}
        rows = [
            Delivery(store=self.store, vehicle=car, customer=self.customer, delivered_on=day, recorded_on=day,
                     sales_consultant=self.random.choice([*self.consultants, None]))
            for car, day in sorted(pairs, key=lambda pair: (pair[0].pk, pair[1]))
        ]  # fmt: skip
        sql.insert_rows(rows)

    def answers(self, count: int) -> None:
        """Responses about orders in MONTH and around, some low, some not valid, some taken out."""
        orders = list(RepairOrder.objects.filter(store=self.store, service_advisor__isnull=False)[:count])
        for order in orders:
            marks = short_answers(self.random.randrange(4, 11), overall=self.random.randrange(4, 11))
            if self.random.random() < 0.1:
                marks = marks[:2]
            response = respond(self.store, order=order, day=self.day(), by=self.staff[3], answers=marks)
            if self.random.random() < 0.05:
                response.excluded_at = clock.at(LAST)
                response.save(update_fields=["excluded_at"])

    def tickets(self, count: int) -> None:
        """Tickets of all kinds, levels, validities and states, with and without confirmed liability."""
        levels = list(Level.objects.filter(store=None))
        categories = list(Category.objects.filter(store=None))
        main = self._ticket(0, levels, categories)
        main.save(force_insert=True)
        rows = [self._ticket(number, levels, categories, main) for number in range(1, count)]
        Complaint.objects.bulk_create(rows)
        liable = [one for row in [main, *rows] for one in self._liable(row)]
        Liability.objects.bulk_create(liable)

    def _ticket(self, number: int, levels, categories, main=None) -> Complaint:
        chance, day = self.random, self.day()
        kind = chance.choices(Kind.values, (7, 2, 1))[0]
        level = {Kind.QUESTION: None, Kind.GRIEVANCE: levels[0]}.get(kind, chance.choice([*levels, None]))
        ended = State.MERGED if main else State.CLOSED
        state = chance.choice([State.REGISTERED, State.CLOSED, State.CONFIRMING, ended])
        received = clock.at(day, chance.randrange(24), chance.randrange(60))
        closed = received + timedelta(minutes=chance.randrange(9000)) if state == State.CLOSED else None
        return Complaint(
            store=self.store, number=f"T{number}", kind=kind, source="phone", level=level, state=state,
            category=chance.choice([*categories, None]), department="service", words="等了两个小时",
            reported_by=self.staff[3], received_at=received, received_on=clock.business_day(received),
            validity=chance.choices(Validity.values, (1, 8, 1))[0],
            merged_into=main if state == State.MERGED else None, submission=uuid.UUID(int=number + 1),
            closed_at=closed, closed_on=clock.business_day(closed) if closed else None,
        )  # fmt: skip

    def _liable(self, ticket: Complaint) -> list[Liability]:
        chance = self.random
        confirmed = clock.at(LAST) if chance.random() < 0.8 else None
        party = chance.choices([*Liability.Party.values, ""], (6, 1, 1, 1, 1))[0]
        people = chance.sample(self.staff, 2)
        rows = []
        if party:
            employee = people[0] if party == "employee" else None
            rows.append(Liability(store=self.store, complaint=ticket, kind="direct", party=party, employee=employee,
                                  confirmed_at=confirmed))  # fmt: skip
        if chance.random() < 0.3:
            rows.append(Liability(store=self.store, complaint=ticket, kind="joint", party="employee",
                                  confirmed_at=confirmed, employee=people[1]))  # fmt: skip
        return rows


def full_month(store, *, staff: int = 8, orders=300, deliveries=120, answers=120, tickets=700) -> World:
    """A store with everything in it."""
    world = World(store, staff=staff)
    world.orders(orders)
    world.deliveries(deliveries)
    world.answers(answers)
    world.tickets(tickets)
    return world


def page(report, name="report") -> str:
    """The address of a page of a report."""
    return reverse(f"reports:{name}", args=[report.pk])
