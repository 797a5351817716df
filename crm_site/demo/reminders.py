"""The reminders of the last months: first services, maintenance and insurances, some of which brought the car back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from crm_site.core.dates import add_months
from crm_site.demo.calls import Subject
from crm_site.demo.dice import Dice
from crm_site.demo.world import Car
from customers.models import OrderState, RepairOrder
from revisits.generator.occasions import EXCLUDED_JOB_TYPES

if TYPE_CHECKING:
    from crm_site.demo.history import Year

#: reminders of so many days back are made; the desk began with them only lately
BACK = timedelta(days=150)
#: between two visits that are closer than this nobody reminds
APART = timedelta(days=75)
#: months between two services where nothing else is known
MONTHS = 6
#: a first visit so long after the delivery is the first service
FIRST = (timedelta(days=90), timedelta(days=300))
#: of a hundred who did not come, how many were not reached
UNREACHED = 35
SILENT = ("NO_ANSWER", "POWER_OFF", "NO_ANSWER")
#: of a hundred cars that came, how many had been reminded
REMINDED = 70


class Reminders:
    """The reminders of one store's year."""

    def __init__(self, year: Year) -> None:
        """Take over the year's rules, desk and calendar."""
        self.year = year
        self.from_day = year.world.today - BACK

    def make(self, car: Car) -> None:
        """Every reminder of a car whose day lies in the last months."""
        visits = sorted(
            (one for one in car.orders if one.state == OrderState.SETTLED and one.job_type not in EXCLUDED_JOB_TYPES),
            key=lambda one: one.checked_in_on,
        )
        self._first_service(car, visits)
        self._maintenance(car, visits)
        self._insurance(car)

    def _first_service(self, car: Car, visits: list[RepairOrder]) -> None:
        """About when the car came for the first time; half a year after the delivery where it has not come."""
        if car.delivery is None:
            return
        key = f"vehicle:{car.vehicle.pk}:first_service"
        came = visits[0].checked_in_on if visits else None
        if came is None:
            self._remind("FS_REMIND", key, add_months(car.delivery.delivered_on, MONTHS), car)
        elif FIRST[0] <= came - car.delivery.delivered_on <= FIRST[1]:
            self._remind("FS_REMIND", key, came + timedelta(days=Dice(key).randrange(-8, 10)), car, came=True)

    def _maintenance(self, car: Car, visits: list[RepairOrder]) -> None:
        """Before the next visit, where there was one; else half a year after the last one."""
        for number, visit in enumerate(visits):
            follows = visits[number + 1] if number + 1 < len(visits) else None
            key = f"vehicle:{car.vehicle.pk}:maintenance:after:{visit.pk}"
            dice = Dice("maintenance", key)
            if follows is None:
                self._remind("MT_REMIND", key, add_months(visit.checked_in_on, MONTHS), car)
            elif follows.checked_in_on - visit.checked_in_on > APART and dice.randrange(100) < REMINDED:
                self._remind(
                    "MT_REMIND", key, follows.checked_in_on + timedelta(days=dice.randrange(-12, 8)), car, came=True
                )

    def _insurance(self, car: Car) -> None:
        """Before the end of last year's insurance, which most have renewed; nobody who did not agree is called."""
        ends = car.vehicle.insurance_until
        if ends is None or car.owner.marketing_consent is not True:
            return
        for day in (ends, add_months(ends, -12)):
            self._remind("INS_30", f"vehicle:{car.vehicle.pk}:insurance:{day}", day, car)

    def _remind(self, code: str, key: str, anchor_on: date, car: Car, *, came: bool = False) -> None:
        """One reminder; of those who did not come, many were not reached."""
        if code not in self.year.rules or anchor_on < self.from_day:
            return
        dice = Dice("reminder", key)
        course = SILENT if not came and dice.randrange(100) < UNREACHED else None
        caller = dice.choice(self.year.house.staff["specialist"])
        self.year.remind(code, key, anchor_on, Subject(self.year.house, car, caller, {}), dice, course=course)
