"""What the worker's own process does beside passing messages on: closing, losing a process, finding its queue again."""

from __future__ import annotations

import logging
from typing import Any

from billiard.exceptions import WorkerLostError
from celery import bootsteps
from celery.signals import task_failure, worker_shutting_down
from django.db import DatabaseError, InterfaceError, connection

from crm_site.core import clock
from crm_site.jobs import actions, queue, tie
from crm_site.jobs.tasks import look_at, sweep

logger = logging.getLogger(__name__)


@worker_shutting_down.connect
def close_running_jobs(**_sender: object) -> None:
    """Told to end: running jobs stop at their next report, so that nobody waits for an hour's import."""
    tie.close()


@task_failure.connect
def give_back_its_job(sender: Any, task_id: str, exception: Exception, args: Any, **_kwargs: object) -> None:
    """A process died in the middle of a job: others may take it at once instead of when its lease has run out."""
    if sender.name != look_at.name or not isinstance(exception, WorkerLostError):
        return
    try:
        actions.give_back(args[0], task=task_id, now=clock.now())
    except (DatabaseError, InterfaceError) as problem:
        logger.warning("a lost job cannot be given back, its lease runs out: %s", type(problem).__name__)
    finally:
        connection.close()  # processes are forked beside this one, and none may find its connection


class SweepOnConnect(bootsteps.StartStopStep):
    """Looks for what was left behind or lost, at the start and whenever the queue is there again."""

    requires = {"celery.worker.consumer.tasks:Tasks"}

    def start(self, consumer: Any) -> None:
        """Ask for a sweep; where the queue is gone again already, the next connection asks."""
        try:
            sweep.apply_async(retry=False)
        except queue.UNREACHABLE as problem:
            logger.warning("the queue went away again: %s", type(problem).__name__)
