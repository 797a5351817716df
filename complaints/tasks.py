"""The clock's ticks: resume what waited long enough, and tell the roles of a level when its limit runs out."""

from celery import shared_task

from complaints.actions import escalation, steering
from crm_site.core import clock


@shared_task(name="complaints.tasks.tick", ignore_result=True)
def tick() -> int:
    """Look at every open ticket once; safe to run at any time and twice. Gives how many notices were due."""
    now = clock.now()
    for complaint_id in steering.pauses_that_ended(now):
        steering.resume_ended(complaint_id, now=now)
    return sum(escalation.escalate(complaint_id, now=now) for complaint_id in escalation.candidates(now))
