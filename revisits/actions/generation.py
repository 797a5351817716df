"""Asks for runs of the generator: one a store and day, whoever asks and however often."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from crm_site.accounts.models import Employee, Store
from crm_site.core import clock
from crm_site.jobs import actions as jobs
from crm_site.jobs.models import Job
from revisits.models import GenerationRun
from revisits.rules.due import RECORDED_LATE_DAYS

KIND = "revisits.generate"


def enqueue_missing_days(store: Store, today: date) -> list[Job]:
    """Ask for every business day since the last one asked for, up to today, at most 45 back; a new store begins today.

    The job's key is store and day, so two schedulers that tick at once ask for the same jobs.
    """
    window = [today - timedelta(days=back) for back in range(RECORDED_LATE_DAYS, -1, -1)]
    keys = {day: f"{store.pk}:{day}" for day in window}
    asked = set(Job.objects.filter(kind=KIND, key__in=keys.values()).values_list("key", flat=True))
    last = max((day for day in window if keys[day] in asked), default=None)
    if last is None and not GenerationRun.objects.filter(store=store).exists():
        last = today - timedelta(days=1)
    return [_enqueue(store, day, key=keys[day]) for day in window if last is None or day > last]


def request_generation(store: Store, *, by: Employee, now: datetime) -> Job:
    """Let the generator run now because somebody asks; asking twice within a minute is asking once."""
    day = clock.business_day(now)
    return _enqueue(store, day, key=f"{store.pk}:{day}:by-hand-{clock.local(now):%H%M}", by=by)


def _enqueue(store: Store, day: date, *, key: str, by: Employee | None = None) -> Job:
    payload = {"store": store.pk, "day": day.isoformat()}
    return jobs.enqueue(KIND, key, store=store, payload=payload, lane=f"{KIND}:{store.pk}", by=by)
