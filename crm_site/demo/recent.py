"""The last days as they really come about: the generator's due calls, the calls made of them, what waits today."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.demo.answers import people_of
from crm_site.demo.calls import Desk, Subject
from crm_site.demo.dice import Dice
from crm_site.demo.world import GENERATED_DAYS, Car, House, World
from crm_site.jobs.models import Job
from crm_site.jobs.models import State as JobState
from customers.models import Workmanship
from revisits.actions.generation import KIND
from revisits.generator import generate
from revisits.models import GenerationRun, Revisit
from satisfaction.models import Decision, Response

#: of a hundred calls that fell due so many days ago, how many have been begun
BEGUN = {0: 35, 1: 66, 2: 82, 3: 90, 4: 94, 5: 96, 6: 97}
#: low answers of the last days that become tickets, by store
TICKETS = 2
CALLED = (
    "state", "tries_made", "not_before", "promised_at", "promised_by", "reason", "last_result", "last_attempt_at",
    "first_attempt_on", "ended_at", "ended_on", "version",
)  # fmt: skip


def generate_days(world: World) -> None:
    """Let the real generator run for each of the last days, as if on that day."""
    for house in world.houses:
        for back in range(GENERATED_DAYS, -1, -1):
            _generate(world, house, world.today - timedelta(days=back))


def _generate(world: World, house: House, day: date) -> None:
    """One run with its job, both dated to that night."""
    night = min(clock.at(day, 0, 5), world.now)
    job = Job.objects.create(
        store=house.store, kind=KIND, key=f"{house.store.pk}:{day}", lane=f"revisits:{house.store.pk}",
        payload={"store": house.store.pk, "day": day.isoformat()}, state=JobState.DONE, created_at=night, due_at=night,
        sent_at=night, started_at=night, ended_at=night + timedelta(seconds=2), attempts=1,
    )  # fmt: skip
    last = Revisit.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    run = generate(house.store.pk, day, today=day, job=job)
    Revisit.objects.filter(store=house.store, pk__gt=last).update(created_at=night)
    GenerationRun.objects.filter(pk=run.pk).update(started_at=night, ended_at=night + timedelta(seconds=2))
    Job.objects.filter(pk=job.pk).update(result={"run": run.pk, "made": run.made, "skipped": run.skipped})


class Desks:
    """The calls of the last days and what waits now."""

    def __init__(self, world: World, desk: Desk) -> None:
        """Read who served whom."""
        self.world, self.desk = world, desk
        self.cars = {car.vehicle.pk: car for house in world.houses for car in house.cars}
        self.lows: list[Response] = []
        self.technicians: dict[int, list[Employee]] = {}
        for work in Workmanship.objects.exclude(technician=None).select_related("technician").order_by("pk"):
            self.technicians.setdefault(work.order_id, []).append(work.technician)

    def make(self) -> None:
        """Most of the due calls of the last days have been begun; some wait for something."""
        changed = []
        for house in self.world.houses:
            waiting = [revisit for revisit in _waiting(house) if self._is_known(revisit)]
            kept = self._promises(house, waiting)
            for revisit in waiting:
                if revisit not in kept and self._begun(revisit):
                    self.desk.call(revisit, revisit.rule_version, self._subject(house, revisit), _dice(revisit))
            changed += waiting
        self._choose_lows()
        self.world.rows.write()
        Revisit.objects.bulk_update(changed, CALLED, batch_size=200)

    def interrupt(self, house: House) -> None:
        """One call that was taken and not ended: the desk offers to go on with it."""
        revisit = _waiting(house).filter(claimed_by=None, promised_at=None, due_on=self.world.today).last()
        if revisit is None:
            return
        lease = max(self.world.now + timedelta(minutes=15), clock.at(self.world.today, 18))
        Revisit.objects.filter(pk=revisit.pk).update(
            claimed_by=house.staff["specialist"][0],
            claimed_at=self.world.now - timedelta(minutes=6),
            lease_until=lease,
        )

    def _is_known(self, revisit: Revisit) -> bool:
        """Whether it is about a fact that we made; what this morning's files brought waits untouched."""
        car = self.cars.get(revisit.vehicle_id or 0)
        facts = [car.delivery, *car.orders] if car else []
        return any(fact is not None and fact in (revisit.delivery, revisit.repair_order) for fact in facts)

    def _begun(self, revisit: Revisit) -> bool:
        days = (self.world.today - revisit.due_on).days
        return _dice(revisit, "begun").randrange(100) < BEGUN.get(days, 97)

    def _promises(self, house: House, waiting: list[Revisit]) -> list[Revisit]:
        """The latest calls that were put off yesterday to a time of today: one missed, the others still to come."""
        fresh = [one for one in reversed(waiting) if one.due_on < self.world.today and one.repair_order_id]
        times = self._promised_times()
        for number, (revisit, agreed) in enumerate(zip(fresh, times, strict=False)):
            caller = house.staff["specialist"][number % 2]
            subject = self._subject(house, revisit, caller)
            begin = clock.at(self.world.today - timedelta(days=1), 16, 10 + number * 7)
            self.desk.promise(revisit, revisit.rule_version, subject, begin, agreed)
        return fresh[: len(times)]

    def _promised_times(self) -> list[datetime]:
        """An hour ago, and from now on through the afternoon; within the hours in which a time may be promised."""
        first, last = clock.at(self.world.today, 8), clock.at(self.world.today, 20, 30)
        wanted = [self.world.now + timedelta(minutes=minutes) for minutes in (-70, 25, 130, 260)]
        return [min(max(moment, first), last).replace(second=0, microsecond=0) for moment in wanted]

    def _subject(self, house: House, revisit: Revisit, caller: Employee | None = None) -> Subject:
        """Who is called about what; a car whose customer is unknown has none."""
        car: Car = self.cars[revisit.vehicle_id or 0]
        delivery = car.delivery if revisit.delivery_id else None
        order = revisit.repair_order
        if caller is None:
            caller = self._caller(house, revisit)
        return Subject(house, car, caller, people_of(delivery, order, self.technicians), delivery, order)

    @staticmethod
    def _caller(house: House, revisit: Revisit) -> Employee:
        dice = _dice(revisit, "caller")
        if revisit.rule_version.owner_role != "frontline":
            return dice.choice(house.staff["specialist"])
        own = revisit.delivery.sales_consultant if revisit.delivery else None
        signing_in = [one for one in house.staff["sales_consultant"] if one.user_id]
        return own if own in signing_in else dice.choice(signing_in)

    def _choose_lows(self) -> None:
        """Some low answers of the last days are to become tickets."""
        for house in self.world.houses:
            fresh = [
                row
                for row in self.world.rows.of(Response)
                if row.store_id == house.store.pk
                and row.is_valid
                and row.decision == Decision.SETTLED
                and row.called_on >= self.world.today - timedelta(days=1)
            ]
            for number, row in enumerate(fresh[:TICKETS]):
                row.decision = (Decision.GRIEVANCE, Decision.COMPLAINT)[number % 2]
                self.lows.append(row)


def _waiting(house: House):
    """The open calls of a store that are due and not about a complaint."""
    rows = Revisit.objects.filter(store=house.store, complaint=None).exclude(state="no_number").open()
    return rows.select_related("rule_version", "delivery__sales_consultant", "repair_order", "customer").order_by(
        "due_on", "pk"
    )


def _dice(revisit: Revisit, *more: str) -> Dice:
    return Dice("recent", revisit.store_id, revisit.anchor_key, revisit.rule_id, *more)
