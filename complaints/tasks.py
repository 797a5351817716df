"""The clock's ticks: resume what waited long enough, and tell the roles of a level when its limit runs out."""

from itertools import groupby

from celery import shared_task

from complaints.actions import drafts, escalation, presence, steering
from crm_site.core import clock


@shared_task(name="complaints.tasks.tick", ignore_result=True)
def tick() -> int:
    """Look at every open ticket once; safe to run at any time and twice. Gives how many notices were due."""
    now = clock.now()
    presence.forget(now)
    drafts.forget(now)
    for complaint_id in steering.pauses_that_ended(now):
        steering.resume_ended(complaint_id, now=now)
    told = 0
    for store_id, rows in groupby(escalation.candidates(now), key=lambda row: row[0]):
        desk = escalation.Desk(store_id, now)
        told += sum(escalation.escalate(complaint_id, now=now, desk=desk) for _store, complaint_id in rows)
    return told + sum(escalation.remind_of_update(pk, now=now) for pk in escalation.without_update(now))
