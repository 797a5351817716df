"""Runs one claimed job: hands its function the means to report, and writes how it ended."""

from __future__ import annotations

import logging
import time

from django.db import InterfaceError, OperationalError

from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.jobs import actions, kinds, rules
from crm_site.jobs.errors import Cancelled, Failed, Interrupted, LeaseLost
from crm_site.jobs.models import Job
from crm_site.jobs.tie import Loose

logger = logging.getLogger(__name__)


class Run:
    """What a job's function gets beside its job: progress, and a lock for its transactions."""

    def __init__(self, job: Job, tie: Loose | None = None) -> None:
        self.job = job
        self._tie = tie or Loose()
        self._stage = job.stage
        self._reported = 0.0

    def progress(self, done: int, total: int, stage: str = "") -> None:
        """Say how far the job is; call it often and outside transactions (it writes at most once a second).

        Raises Cancelled when somebody asked to stop, LeaseLost when another worker has taken over, Interrupted when
        this one is told to end: let all pass.
        """
        if self._tie.is_closing():
            raise Interrupted
        stage = stage or self._stage
        is_news = stage != self._stage or (total and done >= total)
        if not is_news and time.monotonic() - self._reported < rules.REPORT_EVERY:
            return
        self._stage, self._reported = stage, time.monotonic()
        actions.report(self.job, done=done, total=total, stage=stage, now=clock.now())
        self._tie.prolong()

    def hold(self) -> None:
        """Call first in every writing transaction: nobody can take the job over before it commits.

        Raises LeaseLost when that has happened already, so that a worker thought dead writes nothing.
        """
        actions.hold(self.job, now=clock.now())
        self._tie.prolong()


def run(job_id: int, *, task: str = "", tie: Loose | None = None) -> str:
    """Claim a job and do it; gives how that ended, for the log: the new state, or "not ours".

    `task`: the queue's own id of the message that asks for it; `tie`: what ties the job to its worker, if one runs it.
    """
    tie = tie or Loose()
    job = None if tie.is_closing() else actions.claim(job_id, now=clock.now(), task=task)
    if job is None:
        return "not ours"
    tie.prolong()
    try:
        return _attempt(job, tie)
    except LeaseLost:
        logger.warning("job %s (%s) was taken over by another worker", job.pk, job.kind)
        return "not ours"
    finally:
        tie.untie()
        actions.release_lane(job)


def _attempt(job: Job, tie: Loose) -> str:
    """Do the work and write its end; only codes reach the ledger, tracebacks the log."""
    if not kinds.is_known(job.kind):  # a web process of a newer version asked for it: its worker follows in the update
        return "failed" if actions.fail(job, code="unknown_kind", now=clock.now()) else "queued"
    try:
        result = kinds.function_of(job.kind)(job, Run(job, tie)) or {}
    except Interrupted:
        actions.hand_over(job, now=clock.now())
        return "queued"
    except Cancelled:
        actions.stop(job, now=clock.now())
        return "cancelled"
    except (Failed, RuleBroken) as refused:
        actions.fail(job, code=refused.code or "refused", now=clock.now(), for_good=True)
        return "failed"
    except (LeaseLost, OperationalError, InterfaceError):
        raise  # not ours, or no database: the lease runs out and the sweep sends it again
    except MemoryError:
        logger.exception("job %s (%s) wants more memory than there is", job.pk, job.kind)
        actions.fail(job, code="no_memory", now=clock.now(), for_good=True)
        return "failed"
    except Exception:  # the boundary: whatever a job's function raises ends the attempt, never the worker
        logger.exception("job %s (%s) broke off in attempt %s", job.pk, job.kind, job.attempts)
        return "failed" if actions.fail(job, code="crashed", now=clock.now()) else "queued"
    actions.finish(job, result=result, now=clock.now())
    return "done"
