"""The monthly reports: those of the past published on their day, the running month as a draft."""

from __future__ import annotations

from datetime import timedelta

from crm_site.core import clock
from crm_site.demo.world import House, World
from crm_site.reports import actions, periods
from crm_site.worktime import calendars

PUBLISHED_MONTHS = 11


def make(world: World) -> None:
    """Reports of every store for the last eleven months and the running one."""
    for house in world.houses:
        for back in range(PUBLISHED_MONTHS, -1, -1):
            _month(world, house, back)


def _month(world: World, house: House, back: int) -> None:
    """One month: built on the first of the next, published on its day if that has come."""
    month = periods.month_start(world.today, back)
    if month < periods.month_start(house.store.go_live_on):
        return
    built = clock.at(periods.month_start(world.today, back - 1), 1) if back else world.now
    report = actions.build_draft(house.store, month, None, now=built)
    days = periods.calendar_of(periods.period_of(month), calendars.legal_calendar())
    published = clock.at(days.publish_on, 15) + timedelta(minutes=7 * back)
    if published <= world.now:
        actions.publish(report.pk, by=house.staff["manager"][0], now=published)
