"""Functions of jobs that the tests ask for."""

from crm_site.jobs.errors import Failed
from crm_site.jobs.models import Job

calls: list[int] = []


def count(job, run):
    """Note that it ran."""
    calls.append(job.pk)
    run.progress(1, 1, "all")
    return {"ran": len(calls)}


def crash(job, run):
    """Break off as a bug would."""
    raise ZeroDivisionError


def creep(job, run):
    """Come one step further than the last time, and break off."""
    run.progress(job.done + 1, 1_000, "all")
    raise ZeroDivisionError


def refuse(job, run):
    """Fail for good."""
    raise Failed("unreadable")


def lose(job, run):
    """Go on although another worker has taken over."""
    Job.objects.filter(pk=job.pk).update(holder="somebody else")
    run.hold()
    calls.append(job.pk)


def ask_to_stop(job, run):
    """Be asked to stop in the middle."""
    Job.objects.filter(pk=job.pk).update(cancel_requested_at=job.created_at)
    run.progress(1, 10, "first")
    calls.append(job.pk)


def tell(job, run):
    """End in a notice."""
    return {"notice": {"code": "revisits.generated", "params": {"count": 3}, "kind": "ok"}}


def swell(job, run):
    """Want more memory than there is."""
    raise MemoryError
