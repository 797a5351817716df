"""What the worker's own process does beside passing messages on: closing, losing a process, finding its queue again."""

from __future__ import annotations

import logging
import os
import signal
import threading
from contextlib import suppress
from typing import Any

import billiard
from billiard.exceptions import WorkerLostError
from celery import bootsteps
from celery.signals import task_failure, worker_shutting_down
from django.db import DatabaseError, InterfaceError, connection

from crm_site.core import clock
from crm_site.jobs import actions, queue, rules, tie
from crm_site.jobs.tasks import look_at, sweep

logger = logging.getLogger(__name__)


@worker_shutting_down.connect
def close_running_jobs(**_sender: object) -> None:
    """Told to end: running jobs stop at their next report, so that nobody waits for an hour's import.

    One that hangs reports no more: its process is ended, and the job given back, at the
    latest when its lease runs out, so that another takes it up.
    """
    tie.close()
    ending = threading.Timer(rules.LAST_REPORT, _end_what_hangs)
    ending.daemon = True  # with nothing hanging, the worker ends before
    ending.start()


def _end_what_hangs() -> None:
    """Kill the processes of jobs that are left."""
    for process in billiard.active_children():
        logger.warning("a job has not stopped within %.0f s of being told; its process is ended", rules.LAST_REPORT)
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


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
