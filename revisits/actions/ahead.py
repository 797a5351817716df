"""Looks a week ahead: what the next runs of the generator would make, kept in the ledger of jobs till the next look."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from crm_site.accounts.models import Employee, Store
from crm_site.core import clock
from crm_site.jobs import actions as jobs
from crm_site.jobs.models import Job
from revisits.generator.dry import Made, dry_run

KIND = "revisits.ahead"
DAYS = 7
#: so many single calls are kept for the lists behind the figures; the figures count all of them
MOST_KEPT = 5_000


def look_ahead(store_id: int, today: date) -> dict[str, Any]:
    """What the runs of the next DAYS days would make of what is known now, by day and rule: plain values for a job.

    One rehearsal of the last of these days by the generator's own code (dry_run), rolled back; what today's run has not
    made yet counts for tomorrow. {"counts": {day: {rule: calls}}, "calls": [[day, rule, anchor_key, late?], …]}.
    """
    first, last = today + timedelta(days=1), today + timedelta(days=DAYS)
    calls = [(max(task.due_on, first), task) for task in dry_run(store_id, last, today).tasks if task.is_dial]
    counts: dict[str, dict[str, int]] = {f"{first + timedelta(days=ahead)}": {} for ahead in range(DAYS)}
    for day, task in calls:
        counts[f"{day}"][task.rule] = counts[f"{day}"].get(task.rule, 0) + 1
    kept = sorted(calls, key=lambda call: (call[0], call[1].rule, call[1].anchor_key))[:MOST_KEPT]
    return {"today": f"{today}", "counts": counts, "calls": [_plain(day, task) for day, task in kept]}


def _plain(day: date, task: Made) -> list[str]:
    return [f"{day}", task.rule, task.anchor_key]


def request_look_ahead(store: Store, *, now: datetime, by: Employee | None = None) -> Job:
    """Ask for a look ahead: the one of today, or (`by`: somebody asks) another one, once a minute at most."""
    day = clock.business_day(now)
    key = f"{store.pk}:{day}" + (f":by-hand-{clock.local(now):%H%M}" if by else "")
    payload = {"store": store.pk, "day": day.isoformat()}
    return jobs.enqueue(KIND, key, store=store, payload=payload, lane=f"revisits.generate:{store.pk}", by=by)
