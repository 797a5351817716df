"""Where worker and scheduler say that they live: a step of the worker's own process, and the scheduler's own tick."""

from __future__ import annotations

import logging
import time
from typing import Any

from celery import bootsteps
from celery.beat import PersistentScheduler
from django.db import DatabaseError, InterfaceError, connection

from crm_site.core import clock
from crm_site.jobs import pulse

logger = logging.getLogger(__name__)

#: how often each says so
EVERY_SECONDS = 15.0


def beat(name: str) -> None:
    """Note that this process lives, and let go of the database; without a database the process goes on all the same."""
    try:
        pulse.write(name, clock.now())
    except (DatabaseError, InterfaceError) as problem:
        logger.warning("the %s cannot note that it lives: %s", name, type(problem).__name__)
    finally:
        connection.close()  # worker processes are forked beside this one, and none may find its connection


class WorkerPulse(bootsteps.StartStopStep):
    """Beats as long as the worker is connected to the queue; begins anew with every connection."""

    requires = {"celery.worker.consumer.tasks:Tasks"}

    def __init__(self, consumer: Any, **kwargs: Any) -> None:
        super().__init__(consumer, **kwargs)
        self.timer: Any = None

    def start(self, consumer: Any) -> None:
        """Beat at once and from then on every 15 seconds."""
        beat(pulse.WORKER)
        self.timer = consumer.timer.call_repeatedly(EVERY_SECONDS, beat, (pulse.WORKER,))

    def stop(self, consumer: Any) -> None:
        """The connection is gone or the worker ends."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    shutdown = stop


class Scheduler(PersistentScheduler):
    """Celery's scheduler, which also notes that it lives, whether or not a worker takes what it sends."""

    _beaten_at = float("-inf")

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One look at what is due; gives the seconds until the next."""
        pause = super().tick(*args, **kwargs)
        if time.monotonic() - self._beaten_at >= EVERY_SECONDS - 1:
            self._beaten_at = time.monotonic()
            beat(pulse.SCHEDULER)
        return min(pause, EVERY_SECONDS)
