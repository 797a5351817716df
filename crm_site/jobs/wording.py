"""A job in words: its state, its kind, how far it is, how long it took, why it failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.jobs import kinds
from crm_site.jobs.models import Job, State

Words = str | Promise

STATES: dict[str, Words] = {
    State.QUEUED: gettext_lazy("waiting"),
    State.RUNNING: gettext_lazy("running"),
    State.DONE: gettext_lazy("done"),
    State.FAILED: gettext_lazy("failed"),
    State.CANCELLED: gettext_lazy("stopped"),
}
MARKS = {State.QUEUED: "", State.RUNNING: "now", State.DONE: "ok", State.FAILED: "bad", State.CANCELLED: "pause"}

ERRORS: dict[str, Words] = {
    "crashed": gettext_lazy("It broke off with an unexpected error, which is in the log."),
    "worker_lost": gettext_lazy(
        "The worker ended three times in the middle of it. Perhaps the file is too big for it."
    ),
    "no_memory": gettext_lazy("It wants more memory than the worker may use. Perhaps the file is too big for it."),
    "unknown_kind": gettext_lazy("This version does not know this kind of job."),
    "refused": gettext_lazy("The rules refused it."),
    "file_gone": gettext_lazy("The file is no longer kept."),
}


@dataclass(frozen=True)
class Line:
    """A job as its row in the list."""

    job: Job
    label: Words
    state: Words
    mark: str
    stage: Words
    took: str
    error: Words


def line(job: Job, now: datetime) -> Line:
    """A job's row, as of now."""
    stage = kinds.stage_label(job.kind, job.stage) if job.stage and job.is_open else ""
    mark = MARKS[State(job.state)]
    return Line(job, kinds.label_of(job.kind), STATES[job.state], mark, stage, took(job, now), error(job))


def took(job: Job, now: datetime) -> str:
    """How long it has been running, or ran: "3 s", "12 min"; '' before it began."""
    if job.started_at is None:
        return ""
    return seconds(((job.ended_at or now) - job.started_at).total_seconds())


def seconds(number: float) -> str:
    """A span of seconds in words, coarse: "3 s", "12 min"."""
    whole = max(0, round(number))
    if whole < 60:
        return _("%(count)d s") % {"count": whole}
    return _("%(count)d min") % {"count": round(whole / 60)}


def error(job: Job) -> Words:
    """Why it failed; '' when it has not."""
    return ERRORS.get(job.error, job.error) if job.error else ""


def remaining(job: Job, now: datetime) -> str:
    """Rate and time left of a running job, as one line; '' while too little is known."""
    if job.started_at is None or not job.total or not job.done or not job.is_open:
        return ""
    elapsed = (now - job.started_at).total_seconds()
    if elapsed < 1:
        return ""
    rate = job.done / elapsed
    left = seconds((job.total - job.done) / rate)
    speed = _("%(count)d a second") % {"count": round(rate)}
    return _("%(speed)s · about %(left)s left") % {"speed": speed, "left": left}
