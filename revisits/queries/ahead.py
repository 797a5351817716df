"""The days ahead of a desk: what falls due, what was put off to them, what can be dialled, and what is left over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from crm_site.accounts.models import Role, Store
from crm_site.core import clock
from crm_site.jobs.models import Job
from crm_site.jobs.models import State as JobState
from crm_site.worktime import calendars
from customers.models import Customer, Delivery, RepairOrder, Vehicle, VehicleRole
from revisits.generator import capacity
from revisits.generator.context import store_rules
from revisits.models import CALLABLE_STATES, DeskSettings, Revisit

KIND = "revisits.ahead"
DAYS = 7


@dataclass(frozen=True)
class Day:
    """One day of a desk, in calls."""

    on: date
    is_desk_day: bool
    #: {rule code: calls that fall due on it}
    due: dict[str, int] = field(default_factory=dict)
    #: promised for it, or put off to it
    returning: int = 0
    #: left over from the day before
    carried: int = 0
    #: what the specialists who are there can dial
    possible: int = 0

    @property
    def total(self) -> int:
        """Everything that waits on the day."""
        return sum(self.due.values()) + self.returning + self.carried

    @property
    def left(self) -> int:
        """What can be dialled beyond what waits; negative: too little."""
        return self.possible - self.total


@dataclass(frozen=True)
class Ahead:
    """Today and the days after it; `looked_at` None: nobody has looked ahead yet."""

    days: tuple[Day, ...]
    looked_at: datetime | None
    #: calls of other roles among the foreseen ones: the frontline's, and those that a manager gives
    others: int = 0


def latest(store_id: int, today: date) -> Job | None:
    """The last look ahead of a store that is not older than today."""
    rows = Job.objects.filter(kind=KIND, store_id=store_id, state=JobState.DONE, result__today=f"{today}")
    return rows.order_by("-ended_at", "-pk").first()


def of_store(store: Store, *, now: datetime, today: date) -> Ahead:
    """Today and the next DAYS days of a desk; a fixed number of queries."""
    days = [today + timedelta(days=ahead) for ahead in range(DAYS + 1)]
    calendar = calendars.desk_calendar(store.pk, first=days[0], last=days[-1])
    desk = DeskSettings.objects.filter(store=store).first() or DeskSettings(store=store)
    possible = capacity.capacities(store.pk, days, calendar, desk)
    look = latest(store.pk, today)
    foreseen = look.result["counts"] if look else {}
    mine = _desk_rules(store.pk, today)
    returning = Counter(day for day, _pk in returning_calls(store.pk, days, now))
    waiting = capacity.waiting(store.pk, today).count()
    found: list[Day] = []
    for day in days:
        due = {code: count for code, count in foreseen.get(f"{day}", {}).items() if code in mine}
        carried = max(-found[-1].left, 0) if found else waiting
        found.append(Day(day, calendar.is_desk_day(day), due, returning[day] if found else 0, carried, possible[day]))
    total = sum(sum(counts.values()) for counts in foreseen.values())
    others = total - sum(sum(day.due.values()) for day in found)
    return Ahead(tuple(found), look.ended_at if look else None, others)


def _desk_rules(store_id: int, day: date) -> set[str]:
    """The rules whose calls the specialists make."""
    held = ((rule.rule.code, rule.on(day)) for rule in store_rules(store_id))
    return {code for code, version in held if version is not None and version.owner_role == Role.SPECIALIST}


def returning_calls(store_id: int, days: Sequence[date], now: datetime) -> list[tuple[date, int]]:
    """(day, call) of the open calls that come back on one of the days after the first: promised, or put off."""
    start, end = clock.day_bounds(days[1], days[-1])
    rows = Revisit.objects.filter(store_id=store_id, state__in=CALLABLE_STATES, head=None)
    rows = rows.filter(rule_version__owner_role=Role.SPECIALIST)
    later = Q(not_before__gte=start, not_before__lt=end) | Q(due_on__gt=days[0], due_on__lte=days[-1])
    found = []
    for pk, not_before, due_on in (
        rows.filter(later).order_by("not_before", "pk").values_list("pk", "not_before", "due_on")
    ):
        day = max(due_on, clock.business_day(not_before) if not_before and not_before > now else due_on)
        found.append((day, pk))
    return found


# ---- the list behind a figure ----------------------------------------------------------------------------------------


def calls_of(job: Job, day: date, rule: str = "") -> list[tuple[str, str]]:
    """(rule, anchor_key) of the foreseen calls of a day, of one rule if named."""
    return [
        (code, anchor_key)
        for on, code, anchor_key in job.result.get("calls", [])
        if on == f"{day}" and (not rule or code == rule)
    ]


def subjects_of(user: Any, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """{anchor_key: its customer and car}, as far as the user may see them; four queries, whatever their number."""
    ids: dict[str, list[int]] = {"delivery": [], "order": [], "vehicle": [], "customer": []}
    for key in keys:
        kind, pk = key.split(":")[:2]
        if kind in ids and pk.isdecimal():
            ids[kind].append(int(pk))
    found: dict[str, dict[str, Any]] = {}
    facts: dict[str, Any] = {"delivery": Delivery, "order": RepairOrder}
    for kind, model in facts.items():
        rows = model.objects.visible_to(user).filter(pk__in=ids[kind]).select_related("customer", "vehicle")
        found |= {f"{kind}:{row.pk}": {"customer": row.customer, "vehicle": row.vehicle} for row in rows}
    cars = Vehicle.objects.visible_to(user).in_bulk(ids["vehicle"])
    owners = VehicleRole.objects.filter(vehicle_id__in=cars, role=VehicleRole.Kind.OWNER, until=None)
    owner_of = {role.vehicle_id: role.customer for role in owners.select_related("customer")}
    found |= {f"vehicle:{pk}": {"customer": owner_of.get(pk), "vehicle": car} for pk, car in cars.items()}
    people = Customer.objects.visible_to(user).in_bulk(ids["customer"])
    found |= {f"customer:{pk}": {"customer": row, "vehicle": None} for pk, row in people.items()}
    return {key: found.get(":".join(key.split(":")[:2]), {}) for key in keys}
