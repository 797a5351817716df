"""Asks for runs of the generator: one a store and day, whoever asks and however often."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from crm_site.accounts.models import Employee, Store
from crm_site.core import clock
from crm_site.jobs import actions as jobs
from crm_site.jobs.models import Job
from revisits import queries
from revisits.rules.due import RECORDED_LATE_DAYS

KIND = "revisits.generate"


def enqueue_missing_days(store: Store, today: date) -> list[Job]:
    """Ask for every business day since the last finished run up to today, at most 45 back; a new store begins today.

    The job's key is store and day, so two schedulers that tick at once ask for the same jobs.
    """
    last = queries.last_generated_day(store.pk)
    first = today if last is None else max(last + timedelta(days=1), today - timedelta(days=RECORDED_LATE_DAYS))
    missing = [first + timedelta(days=count) for count in range((today - first).days + 1)]
    return [_enqueue(store, day, key=f"{store.pk}:{day}") for day in missing]


def request_generation(store: Store, *, by: Employee, now: datetime) -> Job:
    """Let the generator run now because somebody asks; asking twice within a minute is asking once."""
    day = clock.business_day(now)
    return _enqueue(store, day, key=f"{store.pk}:{day}:by-hand-{clock.local(now):%H%M}", by=by)


def _enqueue(store: Store, day: date, *, key: str, by: Employee | None = None) -> Job:
    payload = {"store": store.pk, "day": day.isoformat()}
    return jobs.enqueue(KIND, key, store=store, payload=payload, lane=f"revisits:{store.pk}", by=by)
