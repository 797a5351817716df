"""What the queue carries: "look at job 17", and the ticks of the schedule, each of which is noted when it ends."""

from typing import Any

from celery import Task, shared_task, states
from celery.signals import task_postrun, task_prerun
from django.db import connection

from crm_site.core import clock, tracing
from crm_site.jobs import actions, runner
from crm_site.jobs.periodic import Stopwatch
from crm_site.jobs.tie import Tie

stopwatch = Stopwatch()


@shared_task(name="crm_site.jobs.tasks.look_at", bind=True)
def look_at(self: Task, job_id: int) -> str:
    """Do a job if it is to be done now; a second delivery of the same message finds nothing to do."""
    in_a_worker = not (self.request.called_directly or self.request.is_eager)
    with tracing.job(job_id):
        return runner.run(job_id, task=self.request.id or "", tie=Tie() if in_a_worker else None)


@shared_task(name="crm_site.jobs.tasks.sweep", ignore_result=True)
def sweep() -> int:
    """Send again what is due and was lost; safe to run at any time and twice."""
    return actions.sweep(now=clock.now())


@task_prerun.connect
def note_the_start(task_id: str, task: Any, **_kwargs: object) -> None:
    """A task of the schedule begins."""
    stopwatch.start(task_id, task, clock.now())


@task_postrun.connect
def note_the_end(task_id: str, task: Any, retval: Any, state: str | None = None, **_kwargs: object) -> None:
    """A task of the schedule has ended; Celery logs what goes wrong in here, and the task stays as it ended."""
    if not stopwatch.knows(task_id):
        return
    try:
        stopwatch.stop(task_id, task, retval, clock.now(), failed=state != states.SUCCESS)
    finally:
        if not task.request.is_eager:
            connection.close()  # as Celery's own receiver does: an idle process holds no connection
