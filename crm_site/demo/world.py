"""What the parts of the demo world share while it is being made: the stores, their people, the day, the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from complaints.actions.calendars import keep
from complaints.ledger import Present
from complaints.models import CalendarVersion
from complaints.rules.clock import Calendars
from crm_site.accounts.models import Employee, Store
from crm_site.demo.rows import Rows
from crm_site.worktime import calendars
from crm_site.worktime.rules import DeskCalendar
from customers.models import Customer, Delivery, Phone, RepairOrder, Vehicle

#: a year of history ends so many days ago; what is due later is made by the real generator
GENERATED_DAYS = 6
HISTORY_DAYS = 365


@dataclass
class Car:
    """A car with its owner, who brings it, and what happened to it."""

    vehicle: Vehicle
    owner: Customer
    phone: Phone
    delivery: Delivery | None = None
    orders: list[RepairOrder] = field(default_factory=list)


@dataclass
class House:
    """One store while it is being filled."""

    store: Store
    share: float
    #: post -> employees of that post; "technician:body" and the like for the trades, "head:service" for heads
    staff: dict[str, list[Employee]] = field(default_factory=dict)
    cars: list[Car] = field(default_factory=list)
    #: the calendars of its tickets as their ledgers name them
    kept: CalendarVersion | None = None

    @cached_property
    def desk(self) -> DeskCalendar:
        """The days on which its desk calls."""
        return calendars.desk_calendar(self.store.pk)

    @cached_property
    def calendars(self) -> Calendars:
        """The calendars in which the deadlines of its tickets count."""
        return self.present.calendars

    @cached_property
    def present(self) -> Present:
        """The calendars and limits by which its tickets count."""
        return Present(self.store.pk)

    def kept_calendar(self, now: datetime) -> CalendarVersion:
        """The same calendars as a ledger keeps them."""
        if self.kept is None:
            self.kept = keep(self.present, now)
        return self.kept

    def everybody(self) -> list[Employee]:
        """The whole roster, each once."""
        return list(dict.fromkeys(employee for group in self.staff.values() for employee in group))


@dataclass
class World:
    """The world being made."""

    now: datetime
    today: date
    scale: float
    say: Callable[[str], None]
    rows: Rows = field(default_factory=Rows)
    houses: list[House] = field(default_factory=list)
    #: employee id -> by how many points of ten customers like them better or worse than others
    charm: dict[int, float] = field(default_factory=dict)
    #: version of a questionnaire -> (the one asked before it, until which day)
    former: dict[int, tuple[int, date]] = field(default_factory=dict)

    @property
    def first_day(self) -> date:
        """Where the history begins."""
        return self.today - timedelta(days=HISTORY_DAYS)

    @property
    def generated_from(self) -> date:
        """The first day whose due calls the real generator makes."""
        return self.today - timedelta(days=GENERATED_DAYS)
