"""Notes each run of a periodic task in one place: when it began, how long it took, what it gave, how it ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings

from crm_site.jobs.models import PeriodicRun

#: how long the slowest run is remembered
SLOWEST_OF = timedelta(days=1)


@cache
def names() -> dict[str, str]:
    """{task: name of its entry in CELERY_BEAT_SCHEDULE}."""
    return {entry["task"]: name for name, entry in settings.CELERY_BEAT_SCHEDULE.items()}


def note(name: str, *, began: datetime, seconds: float, rows: int | None, error: str = "") -> None:
    """Keep the last run of a periodic task: one row a name, changed in place, so that ticks leave no heap of rows."""
    values: dict[str, Any] = {"started_at": began, "seconds": max(seconds, 0.0), "rows": rows, "error": error[:60]}
    if error:
        values["failed_at"] = began
    run = PeriodicRun.objects.filter(name=name).first()
    if run is None or run.slowest_at is None or run.slowest_at < began - SLOWEST_OF or seconds >= run.slowest_seconds:
        values |= {"slowest_seconds": max(seconds, 0.0), "slowest_at": began}
    PeriodicRun.objects.update_or_create(name=name, defaults=values)


class Stopwatch:
    """Told when a task of this process begins and ends; knows only those of the schedule."""

    def __init__(self) -> None:
        self.began: dict[str, datetime] = {}

    def start(self, task_id: str, task: Any, now: datetime) -> None:
        """A task begins."""
        if task.name in names():
            self.began[task_id] = now

    def knows(self, task_id: str) -> bool:
        """Whether this is the run of a periodic task."""
        return task_id in self.began

    def stop(self, task_id: str, task: Any, outcome: Any, now: datetime, *, failed: bool) -> None:
        """A task has ended: `outcome` is what it gave or what it raised."""
        began = self.began.pop(task_id)
        rows = outcome if isinstance(outcome, int) and not failed else None
        error = type(outcome).__name__ if failed else ""
        note(names()[task.name], began=began, seconds=(now - began).total_seconds(), rows=rows, error=error)
