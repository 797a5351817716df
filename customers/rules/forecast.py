"""When a car is due for its first service and its next maintenance: months, or the mileage it is likely to reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from crm_site.core.dates import add_months

#: readings tell how far a car goes only where the first and the last lie so many days apart (domain 4.1)
APART_DAYS = 30
#: kilometres a day below and above which a car is not believed
SLOWEST, FASTEST = 5, 200


class Reading(NamedTuple):
    """What an odometer showed on a day: km 0 at the delivery, later those of orders and those told in calls."""

    on: date
    km: int


class Visit(NamedTuple):
    """A counting visit to the workshop: the day of its check-in, the odometer then (None = not written down)."""

    on: date
    km: int | None


class Interval(NamedTuple):
    """How long a car may go: kilometres or months, whichever comes first."""

    km: int
    months: int


@dataclass(frozen=True)
class Plan:
    """A row of the table by series and power; an empty text stands for any, store None for the whole company."""

    first: Interval
    following: Interval
    series: str = ""
    power: str = ""
    store_id: int | None = None


@dataclass
class History:
    """What the archive knows of one car that says when it is due."""

    #: the delivery that made the car ours to care for; None for one that was bought elsewhere or is excluded
    delivered_on: date | None = None
    #: counting visits, oldest first
    visits: list[Visit] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    #: the last visit that a list of customers told of and no order shows
    told_visit_on: date | None = None


class Due(NamedTuple):
    """A day on which a car is due, and why."""

    since: date
    interval: Interval
    by_months: date
    #: when the kilometres will be reached; None where too little is known of how far the car goes
    by_km: date | None

    @property
    def on(self) -> date:
        """The earlier of the two."""
        return min(self.by_months, self.by_km) if self.by_km else self.by_months


class Forecast(NamedTuple):
    """What follows from a car's history; None where nothing can be said."""

    daily_km: int | None
    first_service: Due | None
    next_maintenance: Due | None
    #: the last counting visit, else the delivery
    last_seen_on: date | None


def believed(readings: Iterable[Reading]) -> list[Reading]:
    """The readings without those that fall: the longest row of readings that never does, the earlier one in a tie.

    So a slip of the finger that is too high loses to the two right ones behind it, and a lower one to those before.
    """
    rows = sorted(readings)
    if all(one.km <= after.km for one, after in zip(rows, rows[1:], strict=False)):
        return rows
    length, before = [1] * len(rows), [-1] * len(rows)
    for i, row in enumerate(rows):
        for j in range(i):
            if rows[j].km <= row.km and length[j] + 1 > length[i]:
                length[i], before[i] = length[j] + 1, j
    last, kept = length.index(max(length)), []
    while last >= 0:
        kept.append(rows[last])
        last = before[last]
    return kept[::-1]


def daily_km(kept: Sequence[Reading]) -> int | None:
    """Kilometres a day between the first and the last believed reading, rounded half up, within what is believed.

    None with fewer than two readings 30 days apart.
    """
    if len(kept) < 2 or (days := (kept[-1].on - kept[0].on).days) < APART_DAYS:
        return None
    rounded = (2 * (kept[-1].km - kept[0].km) + days) // (2 * days)
    return min(max(rounded, SLOWEST), FASTEST)


def plan_for(plans: Iterable[Plan], series: str, power: str) -> Plan | None:
    """The most particular row: series and power, series alone, power alone, neither; a store's before the company's."""
    mine = series.strip().casefold()
    fitting = (one for one in plans if one.series.casefold() in ("", mine) and one.power in ("", power))
    return max(fitting, key=lambda one: (one.series != "", one.power != "", one.store_id is not None), default=None)


def forecast(car: History, plan: Plan | None) -> Forecast:
    """Everything that the due lists need of one car.

    A car without a counting visit waits for its first service, reckoned from its delivery; its maintenance is then the
    one that would follow, so that the two never call for the same thing. Once it has been here, maintenance counts
    from its last counting visit; the day of the first service stays for whoever asks.
    """
    kept = believed(car.readings)
    daily = daily_km(kept)
    last = max(filter(None, (car.visits[-1].on if car.visits else None, car.told_visit_on)), default=None)
    seen = last or car.delivered_on
    if plan is None:
        return Forecast(daily, None, None, seen)
    first = _due(Visit(car.delivered_on, 0), plan.first, daily, ()) if car.delivered_on else None
    if last is None:
        then = _due(Visit(first.on, None), plan.following, daily, ()) if first else None
        return Forecast(daily, first, then, seen)
    base = car.visits[-1] if car.visits and car.visits[-1].on == last else Visit(last, None)
    return Forecast(daily, first, _due(base, plan.following, daily, kept), seen)


def _due(since: Visit, interval: Interval, daily: int | None, kept: Sequence[Reading]) -> Due:
    by_months = add_months(since.on, interval.months)
    return Due(since.on, interval, by_months, _reached(since, interval.km, daily, kept) if daily else None)


def _reached(since: Visit, km: int, daily: int, kept: Sequence[Reading]) -> date:
    """When a car will have gone so many kilometres: on from the newest reading, if one is newer than the visit."""
    newest = kept[-1] if kept and since.km is not None and kept[-1].on > since.on else None
    start, left = (newest.on, since.km + km - newest.km) if newest and since.km is not None else (since.on, km)
    return max(start + timedelta(days=-(-left // daily)), since.on)
