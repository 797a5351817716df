"""A simulated stretch of time on the demo world: facts keep coming, the generator runs each night, callers call."""

from __future__ import annotations

import uuid
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple
from unittest.mock import patch

from complaints import actions as tickets
from complaints.models import CauseClass, Complaint, Kind, Source
from crm_site.core import clock
from crm_site.demo.world import Car, House
from customers.actions import dates
from customers.models import Booking, ContactBan, Customer, Phone, RepairOrder, Vehicle
from revisits import actions, asking
from revisits.generator import generate
from revisits.models import Anchor, Revisit
from revisits.rules import contact, due
from revisits.rules.codes import Reason
from revisits.rules.outcomes import OWN_CHOICE
from satisfaction.rules import GIVEN, Given

#: when the desk looks what waits, for how long it calls then, and how long a call takes
MOMENTS = (time(9, 35), time(11), time(14, 35), time(17))
SPELL, ONE_CALL = timedelta(minutes=55), timedelta(minutes=4)

#: how calls end, out of 100
RESULTS = [
    ("SUCCESS", 52), ("NO_ANSWER", 18), ("BUSY", 5), ("RESCHED", 6), ("LATER", 5), ("REFUSED", 3), ("POWER_OFF", 3),
    ("HUNG_UP", 3), ("PARTIAL", 2), ("VACANT", 2), ("UNREACH", 1),
]  # fmt: skip
HIGHEST = {"words": 5, "yes_no": 1, "execution": 1}


class Dial(NamedTuple):
    """One call that was made: when, to which number, for which task, and whether contact pressure counts it."""

    at: datetime
    number: str
    task_id: int
    counts: bool


@dataclass
class Simulation:
    """One store of the demo world, day after day; what must not be is written down as it happens."""

    house: House
    dice: Random = field(default_factory=lambda: Random(7))
    dials: list[Dial] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    #: every ticket, and those that wait for their confirming call
    heard: list[Complaint] = field(default_factory=list)
    confirming: list[Complaint] = field(default_factory=list)
    results: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def run(self, first: date, days: int) -> None:
        """Let some days pass."""
        for day in (first + timedelta(days=n) for n in range(days)):
            with at(clock.at(day, 0, 5)):
                self._facts(day)
                generate(self.house.store.pk, day, today=day)
            for moment in MOMENTS:
                now = clock.at(day, moment.hour, moment.minute)
                if self._desk.is_open_at(now):
                    self._desk_from(now, day)
            self._look_at_what_waits(day)

    @property
    def _desk(self):
        return self.house.desk

    # ---- what happens ------------------------------------------------------------------------------------------------

    def _facts(self, day: date) -> None:
        *seen, other = (self.dice.choice(self.house.cars) for _ in range(4))
        for car in seen:
            self._visit(car, day)
        if day.day % 3 == 0:
            self._said(other, day)
        if day.day % 5 == 0:
            self._complaints(day)
        yesterday = day - timedelta(days=1)
        renewed = Vehicle.objects.filter(store=self.house.store, insurance_until=yesterday)
        renewed.update(insurance_until=yesterday + timedelta(days=365))

    def _visit(self, car: Car, day: date) -> None:
        RepairOrder.objects.create(
            store=self.house.store, order_number=f"SIM{uuid.UUID(int=self.dice.getrandbits(128)).hex[:12]}",
            vehicle=car.vehicle, customer=car.owner, job_type=self.dice.choice(["scheduled", "general", "accident"]),
            checked_in_on=day - timedelta(days=1), settled_on=day, handed_back_on=day, released_on=day, recorded_on=day,
            is_rework=self.dice.random() < 0.1,
        )  # fmt: skip
        Vehicle.objects.filter(pk=car.vehicle.pk).update(last_visit_on=day - timedelta(days=1))
        dates.refresh(self.house.store.pk, [car.vehicle.pk])

    def _said(self, car: Car, day: date) -> None:
        """A customer wants no calls, or agrees to them, or books a visit, or sells the car."""
        what = self.dice.choice(["marketing", "revisit", "all", "consent", "book", "sold", "restricted"])
        if what == "consent":
            Customer.objects.filter(store=self.house.store).update(marketing_consent=True)
        elif what == "book":
            wanted_on = day + timedelta(days=4)
            Booking.objects.create(
                store=self.house.store, vehicle=car.vehicle, wanted_on=wanted_on, created_at=clock.at(day)
            )
        elif what == "sold":
            Vehicle.objects.filter(pk=car.vehicle.pk).update(state="sold")
        elif what == "restricted":
            Customer.objects.filter(pk=car.owner.pk).update(restricted=True)
        else:
            ContactBan.objects.create(store=self.house.store, customer=car.owner, purpose=what, since=day)

    def _complaints(self, day: date) -> None:
        """One car after the other: somebody complains, and it is put right within the day, or stays open for long."""
        car = self.house.cars[len(self.heard) % len(self.house.cars)]
        by, head = self.house.staff["specialist"][0], self.house.staff["head:service"][0]
        now = clock.at(day, 0, 30)
        ticket = tickets.open_ticket(
            store_id=self.house.store.pk, kind=Kind.COMPLAINT, source=Source.PHONE, words="空调清洗后仍有异味",
            reported_by=by, received_at=now, now=now, department="service", customer=car.owner, vehicle=car.vehicle,
            submission=uuid.UUID(int=self.dice.getrandbits(128)),
        )  # fmt: skip
        self.heard.append(ticket)
        if len(self.heard) % 3 == 0:
            return
        done = {"by": head, "now": now + timedelta(minutes=5)}
        manager = self.house.staff["manager"][0]
        tickets.accept(ticket.pk, handler=head, by=manager, now=now)
        tickets.investigate(ticket.pk, cause_class=CauseClass.POOR_SERVICE, cause="没有洗到位", **done)
        tickets.set_liability(ticket.pk, party="department", **done)
        tickets.propose(ticket.pk, solution="免费重做", **done)
        tickets.tell_customer(ticket.pk, accepts=True, **done)
        tickets.act(ticket.pk, note="已重新清洗", **done)
        tickets.submit(ticket.pk, **done)
        ticket.refresh_from_db()
        self.confirming.append(ticket)

    # ---- the desk ----------------------------------------------------------------------------------------------------

    def _desk_from(self, begin: datetime, day: date) -> None:
        """Everybody makes calls, one after the other, until none waits or the time of day is over."""
        staff = self.house.staff
        people = [(one, "specialist") for one in staff["specialist"] if one.user_id]
        people += [(one, "frontline") for one in staff["sales_consultant"] if one.user_id]
        now = begin
        for person, role in people:
            while now < begin + SPELL:
                with at(now):
                    task = actions.claim_next(person, role, now=now, today=day)
                    if task is None:
                        break
                    self._call(task, person, now)
                now += ONE_CALL

    def _call(self, task: Revisit, person, now: datetime) -> None:
        self._may_be_called(task, now)
        exempt = task.rule_version.anchor == Anchor.COMPLAINT_SOLVED or task.reason == Reason.PROGRESS_CALL
        number = task.phone.number if task.phone else ""
        self.dials.append(Dial(now, number, task.pk, not exempt and task.promised_at is None))
        code = self.dice.choices([code for code, _ in RESULTS], [share for _, share in RESULTS])[0]
        self.results[code] += 1
        actions.save_call(task.pk, by=person, call=self._said_in(task, code, now), now=now + timedelta(minutes=3))
        task.refresh_from_db()
        if task.not_before and task.promised_at is None:
            self._own_choice(task, task.not_before)

    def _said_in(self, task: Revisit, code: str, now: datetime) -> actions.Call:
        version = asking.version_to_ask(task, asking.open_tickets(task)) if code == "SUCCESS" else None
        asked = version.questions.all() if version else ()
        return actions.Call(
            submission=uuid.UUID(int=self.dice.getrandbits(128)),
            result_code=code,
            started_at=now,
            answers=[Given(one.code, GIVEN, Decimal(HIGHEST.get(one.kind, 9))) for one in asked if one.kind != "text"],
            agreed_at=now + timedelta(days=self.dice.randint(1, 9)) if code == "RESCHED" else None,
            confirm_result="satisfied" if code == "SUCCESS" and asking.is_confirmation(task) else "",
            refuses_calls=code == "REFUSED",
            purposes=dict.fromkeys(task.joined.values_list("pk", flat=True), ""),
        )

    # ---- what must not be --------------------------------------------------------------------------------------------

    def _may_be_called(self, task: Revisit, now: datetime) -> None:
        """No call to whoever does not want it, to a bad number, after its own limit, or in quiet hours."""
        day = clock.business_day(now)
        bans = ContactBan.objects.in_force(day).filter(channel__in=contact.TELEPHONE, vehicle=None)
        same = Phone.objects.filter(number=task.phone.number, contact=None).values("customer_id")
        purposes = set(bans.filter(customer__in=same).values_list("purpose", flat=True))
        purposes |= set(bans.filter(customer=task.customer_id).values_list("purpose", flat=True))
        version, customer = task.rule_version, Customer.objects.get(pk=task.customer_id)
        if contact.refusal(version.purpose, restricted=customer.restricted, bans=sorted(purposes)):
            self.wrong.append(f"{day} {task} was called against a refusal")
        if version.needs_consent and not customer.marketing_consent:
            self.wrong.append(f"{day} {task} was called without consent")
        if due.ends_with_its_window(version) and day > task.expires_on and task.promised_at is None:
            self.wrong.append(f"{day} {task} was called after its limit")
        if task.promised_at is None:
            self._own_choice(task, now)

    def _own_choice(self, task: Revisit, moment: datetime) -> None:
        wall = clock.local(moment)
        quiet = not any(begins <= wall.time() < ends for begins, ends in OWN_CHOICE)
        if quiet or not self._desk.is_desk_day(wall.date()):
            self.wrong.append(f"{task} at {wall}: quiet hours or a closed day")

    def _look_at_what_waits(self, day: date) -> None:
        for task in Revisit.objects.filter(store=self.house.store, due_on__gt=day).open():
            if not self._desk.is_desk_day(task.due_on):
                self.wrong.append(f"{task} is due on {task.due_on}: a closed day")
        put_off = Revisit.objects.filter(store=self.house.store, promised_at=None, not_before__gt=clock.at(day, 23))
        for task in put_off.open():
            self._own_choice(task, task.not_before)

    def too_often(self, calls: int, days: int) -> list[str]:
        """The numbers that got more calls begun by us within so many days than they may."""
        begun: dict[str, dict[int, date]] = defaultdict(dict)
        for dial in self.dials:
            if dial.counts:
                begun[dial.number].setdefault(dial.task_id, clock.business_day(dial.at))
        return [
            f"{number[-4:]}: {sorted(tasks.values())}"
            for number, tasks in begun.items()
            for last in tasks.values()
            if sum(0 <= (last - on).days < days for on in tasks.values()) > calls
        ]


@contextmanager
def at(moment: datetime):
    """Everything happens at this moment."""
    with patch("django.utils.timezone.now", return_value=moment):
        yield
