"""Whether worker and scheduler live: each writes a beat of its own, pages and probes read how old those are."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db import DatabaseError

from crm_site.core import clock
from crm_site.jobs.models import Beat
from crm_site.jobs.rules import SILENT_AFTER

#: who beats: the worker's own process, the scheduler's own, and their common work, which needs both and the queue
WORKER, SCHEDULER, SWEEP = "worker", "scheduler", "sweep"


@dataclass(frozen=True)
class Pulse:
    """One clockwork as of now."""

    name: str
    at: datetime | None
    since: datetime | None
    is_silent: bool


def write(name: str, now: datetime) -> None:
    """Note that a clockwork ticks; `since` stays as long as no pause of two minutes lies between two beats."""
    beat, is_new = Beat.objects.get_or_create(name=name, defaults={"at": now, "since": now})
    if is_new:
        return
    began_anew = beat.since is None or beat.at < now - SILENT_AFTER
    changed = {"at": now, "since": now} if began_anew else {"at": now}
    Beat.objects.filter(pk=beat.pk).update(**changed)


def read(now: datetime, names: tuple[str, ...] = (WORKER, SCHEDULER)) -> dict[str, Pulse]:
    """The clockworks as of now, in one query; one that has never ticked is silent."""
    beats = {beat.name: beat for beat in Beat.objects.filter(name__in=names)}
    return {name: _pulse(name, beats.get(name), now) for name in names}


def silent(now: datetime) -> tuple[str, ...]:
    """The names of the clockworks that have not ticked for two minutes."""
    return tuple(name for name, pulse in read(now).items() if pulse.is_silent)


def silent_lately() -> tuple[str, ...]:
    """The same for the frame of every page: asked once in PULSE_SECONDS a process, and never breaking a page."""
    if not settings.PULSE_SECONDS:
        return _silent_or_nothing()
    return _remembered(int(time.monotonic() // settings.PULSE_SECONDS))


@lru_cache(maxsize=1)
def _remembered(_tick: int) -> tuple[str, ...]:
    return _silent_or_nothing()


def _silent_or_nothing() -> tuple[str, ...]:
    try:
        return silent(clock.now())
    except DatabaseError:
        return ()


def _pulse(name: str, beat: Beat | None, now: datetime) -> Pulse:
    if beat is None:
        return Pulse(name, None, None, is_silent=True)
    return Pulse(name, beat.at, beat.since, is_silent=beat.at < now - SILENT_AFTER)
