"""What the queue carries: "look at job 17", and the tick that sweeps up what was lost."""

from celery import shared_task
from celery.signals import worker_ready

from crm_site.core import clock
from crm_site.jobs import actions, runner


@shared_task(name="crm_site.jobs.tasks.look_at")
def look_at(job_id: int) -> str:
    """Do a job if it is to be done now; a second delivery of the same message finds nothing to do."""
    return runner.run(job_id)


@shared_task(name="crm_site.jobs.tasks.sweep", ignore_result=True)
def sweep() -> int:
    """Send again what is due and was lost; safe to run at any time and twice."""
    return actions.sweep(now=clock.now())


@worker_ready.connect
def sweep_at_start(**_sender: object) -> None:
    """A worker that starts looks at once for what the last one left behind."""
    sweep.apply_async(retry=False)
