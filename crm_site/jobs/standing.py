"""How the installation is, read for the job room: the schedule, the lanes, backups, the machine."""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Q

from crm_site.core import sql
from crm_site.jobs import health, pulse, wording_room
from crm_site.jobs.models import Beat, PeriodicRun, State

#: a backup a night, a drill a quarter: when each counts as late
BACKUP_AFTER, DRILL_AFTER = timedelta(hours=26), timedelta(days=100)
#: a disk with less than this share free is told of
FREE_SHARE = 0.1


@dataclass(frozen=True)
class Entry:
    """One entry of the schedule: its last run and when the next is expected."""

    name: str
    label: wording_room.Words
    every: str
    run: PeriodicRun | None
    last: str
    next_at: datetime | None
    took: str
    slowest: str
    #: "ok", "failed", "late", "waiting" (has not run yet)
    state: str


@dataclass(frozen=True)
class Lane:
    """The open jobs of one kind of lane."""

    label: wording_room.Words
    waiting: int
    running: int
    #: since when the oldest that is due has been waiting
    oldest: datetime | None
    age: str


def schedule(now: datetime, scheduler: pulse.Pulse) -> list[Entry]:
    """Every entry of CELERY_BEAT_SCHEDULE in its order; a run is late when two of its intervals have gone by."""
    runs = {run.name: run for run in PeriodicRun.objects.all()}
    found = []
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        run, every = runs.get(name), timedelta(seconds=float(entry["schedule"]))
        found.append(
            Entry(
                name=name,
                label=wording_room.PERIODIC.get(name, name),
                every=wording_room.span(every),
                run=run,
                last=wording_room.ago(run.started_at if run else None, now),
                next_at=run.started_at + every if run else None,
                took=wording_room.took(run.seconds) if run else "–",
                slowest=wording_room.took(run.slowest_seconds) if run else "–",
                state=_state(run, every, now, scheduler),
            )
        )
    return found


def _state(run: PeriodicRun | None, every: timedelta, now: datetime, scheduler: pulse.Pulse) -> str:
    begun = run.started_at if run else scheduler.since
    if begun is not None and now > begun + 2 * every + timedelta(minutes=1):
        return "late"
    if run is None:
        return "waiting"
    return "failed" if run.error else "ok"


def lanes(jobs: Any, now: datetime) -> list[Lane]:
    """The open jobs out of some by the kind of their lane, the longest wait first."""
    due = Q(state=State.QUEUED, due_at__lte=now)
    runs = Q(state=State.RUNNING)
    by_lane = jobs.open().order_by().values("lane")
    counted = by_lane.annotate(
        waiting=Count("pk", filter=due), running=Count("pk", filter=runs), oldest=Min("due_at", filter=due)
    )
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in counted:
        kinds[row["lane"].partition(":")[0]].append(row)
    found = [_lane(name, rows, now) for name, rows in kinds.items()]
    return sorted(
        (one for one in found if one.waiting or one.running), key=lambda one: (one.oldest or now, str(one.label))
    )


def _lane(name: str, rows: list[dict[str, Any]], now: datetime) -> Lane:
    waiting, running = (sum(row[key] for row in rows) for key in ("waiting", "running"))
    oldest = min((row["oldest"] for row in rows if row["oldest"]), default=None)
    return Lane(wording_room.lane(name), waiting, running, oldest, wording_room.span(now - oldest) if oldest else "–")


def failed_lately(jobs: Any, now: datetime) -> int:
    """How many of some jobs have failed within a week and stand there."""
    return jobs.filter(state=State.FAILED, ended_at__gte=now - timedelta(days=7)).count()


@dataclass(frozen=True)
class Deed:
    """A backup or a drill, the last one."""

    beat: Beat | None
    age: str
    kind: str
    detail: dict[str, Any]

    @property
    def size(self) -> str:
        """How big the file is."""
        return wording_room.size(self.detail.get("bytes", 0))


def deed(name: str, now: datetime, late_after: timedelta) -> Deed:
    """The last backup or drill; `kind` is "" or "warn" where it is late, "bad" where it showed a difference."""
    beat = Beat.objects.filter(name=name).first()
    if beat is None:
        return Deed(None, "–", "warn", {})
    kind = "warn" if beat.at < now - late_after else ""
    return Deed(beat, wording_room.ago(beat.at, now), "bad" if beat.detail.get("ok") is False else kind, beat.detail)


@dataclass(frozen=True)
class Machine:
    """What an operator looks at first; figures of the whole installation."""

    engine: str
    database: str
    free: str
    is_full: bool
    queue: str


def machine() -> Machine:
    """Engine and size of the database, room on the disk of the files, and whether the queue answers."""
    version = ".".join(str(part) for part in connection.get_database_version())
    disk = shutil.disk_usage(settings.VAR_DIR)
    return Machine(
        engine=f"{connection.display_name} {version}",
        database=wording_room.size(sql.size()),
        free=f"{wording_room.size(disk.free)} / {wording_room.size(disk.total)}",
        is_full=disk.free < FREE_SHARE * disk.total,
        queue=health.queue(),
    )
