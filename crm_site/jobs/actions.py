"""Every change of the job ledger: ask for a job, claim it, report on it, end it, cancel it, sweep up what was lost."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.jobs import kinds, queue, rules
from crm_site.jobs.errors import Cancelled, LeaseLost
from crm_site.jobs.models import Beat, Job, State
from crm_site.notices import actions as notices

#: how many jobs one sweep sends again at most, so that a dead broker costs it only a while
SWEEP_AT_MOST = 200
#: what may be asked for anew
_GIVEN_UP = frozenset({State.FAILED, State.CANCELLED})


@transaction.atomic
def enqueue(
    kind: str,
    key: str,
    *,
    store: Store | None = None,
    payload: dict[str, Any] | None = None,
    lane: str = "",
    by: Employee | None = None,
    due_at: datetime | None = None,
) -> Job:
    """Ask for a job, once for each (kind, key): a second request finds the first, also when it is done.

    A person (`by`) who asks for one that failed or was cancelled lets it begin anew, as theirs. `payload` is plain JSON
    without personal values. Jobs of one `lane` run one at a time. It runs after the commit, not before `due_at`.
    Raises KeyError for a kind that is not in JOB_KINDS.
    """
    kinds.function_of(kind)
    now = clock.now()
    values = {
        "store": store,
        "lane": lane,
        "payload": payload or {},
        "requested_by": by,
        "created_at": now,
        "due_at": due_at or now,
        "sent_at": now,
    }
    job, is_new = Job.objects.get_or_create(kind=kind, key=key, defaults=values)
    if not is_new and by is not None and job.state in _GIVEN_UP:
        job = Job.objects.select_for_update().get(pk=job.pk)  # somebody else may have asked again meanwhile
        return _begin_anew(job, now, by=by) if job.state in _GIVEN_UP else job
    if is_new and job.due_at <= now:
        _tell_queue(job)
    return job


@transaction.atomic
def retry(job_id: int, *, by: Employee | None) -> Job:
    """Let a failed or cancelled job begin anew, with all its attempts; refuses one in any other state."""
    job = Job.objects.select_for_update().get(pk=job_id)
    if job.state not in _GIVEN_UP:
        raise RuleBroken(_("This job has not failed. There is nothing to try again."))
    trail.record(by, "job.retried", job, kind=job.kind)
    return _begin_anew(job, clock.now(), by=job.requested_by)


@transaction.atomic
def cancel(job_id: int, *, by: Employee | None) -> Job:
    """Ask a job to stop: a waiting one is cancelled at once, a running one within a few seconds.

    Refuses one that has ended. What a running job has committed stays.
    """
    job = Job.objects.select_for_update().get(pk=job_id)
    if not job.is_open:
        raise RuleBroken(_("This job has ended already."), code="ended")
    now = clock.now()
    job.cancel_requested_at = now
    job.save(update_fields=["cancel_requested_at"])
    if job.state == State.QUEUED:
        job.state, job.ended_at = State.CANCELLED, now
        job.save(update_fields=["state", "ended_at"])
    trail.record(by, "job.cancelled", job, kind=job.kind)
    return job


def claim(job_id: int, *, now: datetime, task: str = "") -> Job | None:
    """Take a job for this worker, or None: not due, held by another, ended, or its lane is busy.

    Compare-and-set, and a unique constraint on the running jobs of a lane: two workers that come at once get one job.
    `task`: the queue's own id of the message, by which `give_back` knows who died.
    """
    holder = (_mark_of(task) + uuid.uuid4().hex)[:36]
    free = Job.objects.claimable(now).filter(pk=job_id, attempts__lt=rules.MAX_ATTEMPTS, cancel_requested_at=None)
    try:
        with transaction.atomic():
            taken = free.update(
                state=State.RUNNING,
                holder=holder,
                lease_until=now + rules.LEASE,
                heartbeat_at=now,
                started_at=Coalesce(F("started_at"), now),
                attempts=F("attempts") + 1,
            )
    except IntegrityError:
        return None  # another job of its lane is running; when that ends, this one is called
    return Job.objects.select_related("store", "requested_by").get(pk=job_id) if taken else None


def report(job: Job, *, done: int, total: int, stage: str, now: datetime) -> None:
    """Write how far a job is and prolong its lease; attempts count only as long as none comes further than the last.

    Raises LeaseLost when it is no longer ours, Cancelled when somebody asked it to stop.
    """
    done, total = rules.advanced(done, total)
    values = {"done": done, "total": total, "stage": stage, "heartbeat_at": now, "lease_until": now + rules.LEASE}
    if done > job.furthest:
        job.furthest, job.attempts = done, 1
        values |= {"furthest": done, "attempts": 1}
    if not Job.objects.held_by(job.holder).filter(pk=job.pk).update(**values):
        raise LeaseLost
    if Job.objects.filter(pk=job.pk, cancel_requested_at__isnull=False).exists():
        raise Cancelled


def hold(job: Job, *, now: datetime) -> None:
    """Inside a transaction: lock the job, so that nobody takes it over before the commit; raises LeaseLost if gone."""
    if not Job.objects.held_by(job.holder).filter(pk=job.pk).update(lease_until=now + rules.LEASE):
        raise LeaseLost


@transaction.atomic
def finish(job: Job, *, result: dict[str, Any], now: datetime) -> None:
    """End a job as done; `result["notice"]` ({code, params, url, kind}) is told to whoever asked for it."""
    values = {"state": State.DONE, "result": result, "error": "", "done": F("total"), "ended_at": now}
    _end(job, values)
    notice = result.get("notice")
    if notice:
        _notify(job, **notice)


@transaction.atomic
def fail(job: Job, *, code: str, now: datetime, for_good: bool = False) -> bool:
    """A job has broken off: it waits for its next attempt, or has failed for good; gives whether it has failed."""
    if rules.may_try_again(job.attempts) and not for_good:
        due_at = now + rules.retry_delay(job.attempts)
        _end(job, {"state": State.QUEUED, "error": code, "due_at": due_at, "sent_at": None})
        return False
    _end(job, {"state": State.FAILED, "error": code, "ended_at": now})
    _tell_failed(job)
    return True


def hand_over(job: Job, *, now: datetime) -> None:
    """The worker of a running job is told to end: the job waits for another, and this attempt does not count."""
    _end(job, {"state": State.QUEUED, "attempts": max(job.attempts - 1, 0), "due_at": now, "sent_at": None})


def stop(job: Job, *, now: datetime) -> None:
    """End a running job that was asked to stop."""
    _end(job, {"state": State.CANCELLED, "ended_at": now})


def release_lane(job: Job) -> None:
    """Call the next waiting job of the same lane."""
    if not job.lane:
        return
    waiting = Job.objects.filter(lane=job.lane).claimable(clock.now()).order_by("due_at", "pk").first()
    if waiting is not None:
        queue.publish(waiting.pk)


def sweep(*, now: datetime) -> int:
    """Send again what the queue has lost or its worker has left behind; gives how many. Harmless at any time."""
    Beat.objects.update_or_create(name="sweep", defaults={"at": now})
    _end_the_hopeless(now)
    lost = Job.objects.claimable(now).unsent_since(now - rules.LEASE / 2).order_by("due_at", "pk")
    sent = 0
    for job_id in lost.values_list("pk", flat=True)[:SWEEP_AT_MOST]:
        if not queue.publish(job_id):
            break  # the broker is down: the next sweep tries again
        Job.objects.filter(pk=job_id).update(sent_at=now)
        sent += 1
    return sent


def give_back(job_id: int, *, task: str, now: datetime) -> None:
    """The process that ran a job for a message of the queue has died: another may take the job at once.

    One that has used up its attempts has failed with that. Harmless where somebody else runs it by now.
    """
    held = Job.objects.filter(pk=job_id, state=State.RUNNING, holder__startswith=_mark_of(task))
    if task and held.update(lease_until=now - timedelta.resolution):
        _end_the_hopeless(now)
        _send(job_id)


def _mark_of(task: str) -> str:
    """How the token of whoever runs a job for a message of the queue begins."""
    return f"{task.replace('-', '')[:16]}-" if task else ""


def _end_the_hopeless(now: datetime) -> None:
    """Jobs whose worker died: cancelled where that was asked for, failed where they have used up their attempts."""
    left = Job.objects.filter(state=State.RUNNING, lease_until__lt=now)
    left.filter(cancel_requested_at__isnull=False).update(state=State.CANCELLED, ended_at=now, holder="")
    for job in left.filter(attempts__gte=rules.MAX_ATTEMPTS):
        with transaction.atomic():
            same = Q(pk=job.pk, state=State.RUNNING, holder=job.holder, lease_until__lt=now)
            if Job.objects.filter(same).update(state=State.FAILED, error="worker_lost", ended_at=now, holder=""):
                _tell_failed(job)


def _begin_anew(job: Job, now: datetime, *, by: Employee | None) -> Job:
    """Back to the queue with a clean slate; `by` is told of its end, and answers for it."""
    job.requested_by = by
    job.state, job.attempts, job.furthest, job.error, job.holder = State.QUEUED, 0, 0, "", ""
    job.cancel_requested_at = job.ended_at = job.started_at = job.lease_until = None
    job.due_at = job.sent_at = now
    fields = ["state", "attempts", "furthest", "error", "holder", "cancel_requested_at", "ended_at", "started_at"]
    job.save(update_fields=[*fields, "lease_until", "due_at", "sent_at", "requested_by"])
    _tell_queue(job)
    return job


def _end(job: Job, values: dict[str, Any]) -> None:
    """Write the end of an attempt, only by its holder."""
    if not Job.objects.held_by(job.holder).filter(pk=job.pk).update(holder="", lease_until=None, **values):
        raise LeaseLost


def _tell_queue(job: Job) -> None:
    transaction.on_commit(partial(_send, job.pk), robust=True)


def _send(job_id: int) -> None:
    """Tell the queue; a job of which it could not be told is the next sweep's, without waiting for a lost message."""
    if not queue.publish(job_id):
        Job.objects.filter(pk=job_id, state=State.QUEUED).update(sent_at=None)


def _tell_failed(job: Job) -> None:
    _notify(job, code="job.failed", params={"kind": job.kind}, url=reverse("jobs:list"), kind="bad")


def _notify(job: Job, *, code: str, params: dict | None = None, url: str = "", kind: str = "info") -> None:
    """Tell whoever asked for the job, if that is somebody who signs in."""
    user = job.requested_by.user if job.requested_by else None
    if user is not None:
        notices.tell(user, code, params, url=url, kind=kind)
