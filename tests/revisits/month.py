"""A month of the desk made from a seed: tasks of all states, attempts, answers, tickets, bookings, orders, cars."""

import random
import uuid
from datetime import date, timedelta

from complaints.models import Kind
from crm_site.core import clock
from customers.models import Booking, Customer, Phone, Vehicle
from revisits.models import CallAttempt, CallResult, Revisit, RevisitRule, State
from revisits.rules.codes import Reason
from tests.factories import (
    ComplaintFactory,
    CustomerFactory,
    DeliveryFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
)
from tests.revisits.conftest import make_task
from tests.satisfaction.surveys import respond, short_answers

MONTH = date(2026, 8, 1)
LAST = date(2026, 8, 31)
#: the day on which the month is looked at
TODAY = date(2026, 9, 16)
CODES = ("SUCCESS", "NO_ANSWER", "REFUSED", "VACANT", "SOLD", "BUSY")


class Desk:
    """Facts of July to September, by chance but always the same."""

    def __init__(self, store, callers, *, seed: int = 3) -> None:
        self.store, self.callers, self.random = store, callers, random.Random(seed)
        self.results = {row.code: row for row in CallResult.objects.filter(store=None)}
        self.customers = [self._customer() for _ in range(20)]

    def day(self) -> date:
        """A day of mid-July to mid-September."""
        return date(2026, 7, 15) + timedelta(days=self.random.randrange(60))

    def _customer(self) -> Customer:
        chance = self.random
        customer = CustomerFactory(
            store=self.store,
            customer_type=chance.choice(["person", "person", "org"]),
            sex=chance.choice(["", "m"]),
            city=chance.choice(["", "重庆"]),
            birthday=chance.choice([None, date(1980, 1, 2)]),
        )
        for _ in range(chance.randrange(3)):
            PhoneFactory(customer=customer, bad_since=chance.choice([None, None, self.day()]))
        return customer

    def tasks(self, count: int) -> None:
        """Satisfaction calls of deliveries and orders, some joined, some of the frontline."""
        for number in range(count):
            code = self.random.choice(["SVC_D3", "SVC_D3", "DLV_D3", "DLV_D1", "SVC_RW1"])
            customer = self.random.choice(self.customers)
            phone = Phone.objects.filter(customer=customer).first() or PhoneFactory(customer__store=self.store)
            due_on = self.day()
            fact = self._fact(code, customer, due_on)
            task = make_task(
                self.store, code, customer=customer, phone=phone, due_on=due_on, anchor_on=due_on - timedelta(days=3),
                expires_on=due_on + timedelta(days=self.random.randrange(5)), late=self.random.random() < 0.1, **fact,
            )  # fmt: skip
            self._course(task, number)

    def _fact(self, code, customer, due_on) -> dict:
        on = due_on - timedelta(days=3)
        car = VehicleFactory(store=self.store)
        if code.startswith("DLV"):
            return {"delivery": DeliveryFactory(vehicle=car, customer=customer, delivered_on=on), "vehicle": car}
        order = RepairOrderFactory(
            vehicle=car, customer=customer, checked_in_on=on, handed_back_on=on,
            service_advisor=self.random.choice([*self.callers, None]),
        )  # fmt: skip
        return {"repair_order": order, "vehicle": car}

    def _course(self, task: Revisit, number: int) -> None:
        """A state with the attempts that fit it."""
        chance = self.random
        state = chance.choices(State.values, (2, 1, 1, 8, 3, 1, 1))[0]
        tried = state in (State.DONE, State.FAILED, State.IN_PROGRESS) and chance.random() < 0.9
        values = {"state": state}
        if state in (State.DONE, State.FAILED, State.EXCUSED, State.CANCELLED):
            values |= {"ended_at": clock.at(task.expires_on, 12), "ended_on": task.expires_on}
        if state == State.EXCUSED:
            values["reason"] = Reason.REFUSES_CALLS.value
        if tried:
            values |= self._attempts(task, state)
        Revisit.objects.filter(pk=task.pk).update(**values)

    def _attempts(self, task: Revisit, state: str) -> dict:
        chance = self.random
        first = task.due_on + timedelta(days=chance.randrange(6))
        codes = ["NO_ANSWER"] * chance.randrange(2) + ["SUCCESS" if state == State.DONE else chance.choice(CODES[1:])]
        attempt = None
        for number, code in enumerate(codes):
            at = clock.at(first + timedelta(days=number), 10, chance.randrange(60))
            attempt = CallAttempt.objects.create(
                store=self.store, revisit=task, by=chance.choice(self.callers), started_at=at,
                ended_at=at + timedelta(seconds=chance.randrange(20, 400)), called_on=clock.business_day(at),
                result=self.results[code], submission=uuid.uuid4(),
            )  # fmt: skip
        if state == State.DONE and task.questionnaire_version_id and chance.random() < 0.9:
            self._answer(task, attempt)
        return {
            "first_attempt_on": first,
            "last_attempt_at": attempt.started_at,
            "last_result": attempt.result,
        }

    def _answer(self, task: Revisit, attempt: CallAttempt) -> None:
        marks = short_answers(self.random.choice([5, 8, 9, 10]), overall=self.random.choice([6, 8, 10]))
        response = respond(
            self.store, order=task.repair_order, day=attempt.called_on, by=attempt.by,
            answers=marks if self.random.random() < 0.9 else marks[:2],
        )  # fmt: skip
        attempt.response = response
        attempt.save(update_fields=["response"])

    def reminders(self, count: int) -> None:
        """Reminders of all three workshop kinds and renewals; some cars come back."""
        chance = self.random
        for number in range(count):
            code = chance.choice(["FS_REMIND", "MT_REMIND", "LOST_6M", "INS_30"])
            rule = RevisitRule.objects.filter(store=None, code=code).first()
            if rule is None:
                continue
            customer, due_on = chance.choice(self.customers), self.day()
            car = VehicleFactory(store=self.store, insurance_until=chance.choice([None, date(2027, 8, 1)]))
            task = Revisit.objects.create(
                store=self.store, rule=rule, rule_version=rule.versions.first(), customer=customer, vehicle=car,
                anchor_key=f"vehicle:{car.pk}:{code.lower()}", anchor_on=due_on + timedelta(days=15), due_on=due_on,
                expires_on=due_on + timedelta(days=15), priority=rule.priority, created_at=clock.at(due_on),
                state=State.DUE,
            )  # fmt: skip
            self._course(task, number)
            for _ in range(chance.randrange(3)):
                on = due_on + timedelta(days=chance.randrange(45))
                RepairOrderFactory(
                    vehicle=car, customer=customer, checked_in_on=on, handed_back_on=on,
                    job_type=chance.choice(["scheduled", "general", "wash"]),
                )  # fmt: skip

    def voices(self, count: int) -> None:
        """Tickets accepted sooner and later, or not."""
        chance = self.random
        for _number in range(count):
            received = clock.at(self.day(), chance.randrange(24), chance.randrange(60))
            after = chance.choice([None, 20, 90, 119, 121, 600, 3000])
            ComplaintFactory(
                store=self.store, kind=chance.choice(Kind.values), received_at=received,
                received_on=clock.business_day(received),
                accepted_at=received + timedelta(minutes=after) if after else None,
            )  # fmt: skip

    def stock(self, count: int) -> None:
        """Cars in care, lost ones, sold ones; bookings of some."""
        chance = self.random
        for _ in range(count):
            seen = chance.choice([None, *(TODAY - timedelta(days=days) for days in (10, 300, 364, 370, 900, 1200))])
            car = VehicleFactory(
                store=self.store, last_seen_on=seen, sold_here=chance.choice([None, True]),
                state=chance.choice([*Vehicle.State.values, "active", "active"]),
            )  # fmt: skip
            Booking.objects.create(
                store=self.store, vehicle=car, wanted_on=self.day(), state=chance.choice(Booking.State.values),
                created_at=clock.at(MONTH),
            )  # fmt: skip


def busy_month(store, callers, *, tasks: int = 120) -> Desk:
    """A store's desk with everything in it."""
    desk = Desk(store, callers)
    desk.tasks(tasks)
    desk.reminders(tasks // 2)
    desk.voices(40)
    desk.stock(60)
    return desk
