"""A year of due calls, as the generator and the desk would have left them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import lru_cache

from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.demo.answers import people_of
from crm_site.demo.calls import Desk, Subject
from crm_site.demo.dice import Dice
from crm_site.demo.reminders import Reminders
from crm_site.demo.world import Car, House, World
from customers.models import ContactBan, Delivery, OrderState, RepairOrder, Vehicle, Workmanship
from revisits.generator.context import Context, StoreRule, context_for
from revisits.generator.occasions import EXCLUDED_JOB_TYPES, EXCLUDED_SALE_TYPES
from revisits.models import Revisit, State
from revisits.rules import contact, due
from revisits.rules.codes import Reason
from revisits.rules.due import DueDay

#: what a call becomes that nobody makes
ENDS = {
    Reason.RESTRICTED: State.EXCUSED,
    Reason.REFUSES_CALLS: State.EXCUSED,
    Reason.REFUSES_MARKETING: State.EXCUSED,
    Reason.VEHICLE_SOLD: State.CANCELLED,
    Reason.BAD_NUMBERS: State.FAILED,
}
DELIVERY_RULES = ("DLV_D1", "DLV_D3", "DLV_M1")


class Year:
    """The due calls of one store before the real generator takes over."""

    def __init__(self, desk: Desk, house: House) -> None:
        """Read the store's rules, and who worked on which order."""
        self.desk, self.house, self.world = desk, house, desk.world
        self.context: Context = context_for(house.store.pk, self.world.today, self.world.today)
        self.rules = {rule.rule.code: rule for rule in self.context.rules}
        self.technicians = technicians_of(self.world)
        self.bans: dict[int, list[ContactBan]] = defaultdict(list)
        for ban in self.world.rows.of(ContactBan):
            self.bans[ban.customer_id].append(ban)
        self.due_day = lru_cache(maxsize=None)(self._due_day)

    def make(self) -> None:
        """Every call that fell due between the first day and the days of the generator."""
        reminders = Reminders(self)
        for car in self.house.cars:
            reminders.make(car)
            if car.delivery is not None and car.delivery.sale_type not in EXCLUDED_SALE_TYPES:
                for code in DELIVERY_RULES:
                    self._after_delivery(code, car, car.delivery)
            for order in car.orders:
                if order.state == OrderState.SETTLED and order.job_type not in EXCLUDED_JOB_TYPES:
                    self._after_visit(car, order)

    def remind(
        self, code: str, key: str, anchor_on: date, subject: Subject, dice: Dice, *, course: tuple[str, ...] | None
    ) -> None:
        """One reminder before a day of a car, and what came of it; by chance where no course of calls is given."""
        self._revisit(code, key, anchor_on, subject, dice, course=course)

    def _after_delivery(self, code: str, car: Car, delivery: Delivery) -> None:
        if code not in self.rules:
            return
        dice = Dice("call", code, self.house.store.code, delivery.pk)
        caller = self._consultant(delivery, dice) if code == "DLV_D1" else dice.choice(self.house.staff["specialist"])
        subject = Subject(self.house, car, caller, people_of(delivery, None, self.technicians), delivery=delivery)
        self._revisit(code, f"delivery:{delivery.pk}", delivery.delivered_on, subject, dice)

    def _after_visit(self, car: Car, order: RepairOrder) -> None:
        code = "SVC_RW1" if order.is_rework else "SVC_D3"
        if order.released_on is None:
            return
        dice = Dice("call", code, self.house.store.code, order.pk)
        caller = dice.choice(self.house.staff["specialist"])
        subject = Subject(self.house, car, caller, people_of(None, order, self.technicians), order=order)
        self._revisit(code, f"order:{order.pk}", order.released_on, subject, dice)

    def _consultant(self, delivery: Delivery, dice: Dice) -> Employee:
        """Who makes a care call: the consultant who sold the car, else one of those who sign in."""
        consultant = delivery.sales_consultant
        if consultant is not None and consultant.user_id:
            return consultant
        return dice.choice([one for one in self.house.staff["sales_consultant"] if one.user_id])

    def _due_day(self, code: str, anchor_on: date) -> DueDay | None:
        return due.under(anchor_on, self.rules[code].versions, self.house.desk)

    def _revisit(
        self,
        code: str,
        key: str,
        anchor_on: date,
        subject: Subject,
        dice: Dice,
        *,
        course: tuple[str, ...] | None = None,
    ) -> None:
        """One due call and what came of it; nothing where the generator is to make it."""
        found = self.due_day(code, anchor_on)
        if found is None or not self.world.first_day <= found.due_on < self.world.generated_from:
            return
        rule = self.rules[code]
        revisit = self.world.rows.add(self._row(rule, key, found, subject))
        reason = self._against(found, subject)
        if reason:
            revisit.state, revisit.reason = ENDS[reason], reason.value
            revisit.ended_at, revisit.ended_on = revisit.created_at, found.due_on
            return
        self.desk.call(revisit, found.version, subject, dice, course=course)  # type: ignore[arg-type]

    def _row(self, rule: StoreRule, key: str, found: DueDay, subject: Subject) -> Revisit:
        version = found.version
        form = contact.form_code(
            version.questionnaire.code if version.questionnaire else "",  # type: ignore[attr-defined]
            version.conditions,  # type: ignore[attr-defined]
            anchor_key=key,
            had_full_form=False,
            open_complaint=False,
        )
        return Revisit(
            store=self.house.store,
            rule=rule.rule,
            rule_version=version,
            anchor_key=key,
            anchor_on=found.anchor_on,
            delivery=subject.delivery,
            repair_order=subject.order,
            vehicle=subject.car.vehicle,
            customer=subject.car.owner,
            phone=subject.car.phone,
            questionnaire_version_id=self._asked(form, found.due_on),
            due_on=found.due_on,
            expires_on=found.expires_on,
            priority=rule.rule.priority,
            created_at=clock.at(found.due_on, 0, 5),
        )

    def _asked(self, code: str, day: date) -> int | None:
        """The version of a questionnaire that was asked on a day."""
        version = self.context.forms.get(code)
        former, until = self.world.former.get(version or 0, (version, date.min))
        return former if day < until else version

    def _against(self, found: DueDay, subject: Subject) -> Reason | None:
        """Why nobody calls: the car is gone, the customer does not want it, the number is bad."""
        if subject.car.vehicle.state == Vehicle.State.SOLD:
            return Reason.VEHICLE_SOLD
        bans = [ban.purpose for ban in self.bans.get(subject.car.owner.pk, ()) if ban.since <= found.due_on]
        purpose = found.version.purpose  # type: ignore[attr-defined]
        refused = contact.refusal(purpose, restricted=subject.car.owner.restricted, bans=sorted(bans))
        bad_since = subject.car.phone.bad_since
        return refused or (Reason.BAD_NUMBERS if bad_since and bad_since < found.due_on else None)


def technicians_of(world: World) -> dict[int, list[Employee]]:
    """{order: technicians}, in the order in which they stand."""
    found: dict[int, list[Employee]] = defaultdict(list)
    for work in world.rows.of(Workmanship):
        if work.technician is not None:
            found[work.order_id].append(work.technician)
    return found
