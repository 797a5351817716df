"""The ledger of jobs: what runs, what waits, what has failed; stop one or try it again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee
from crm_site.core import clock, hooks, paging
from crm_site.core.errors import RuleBroken
from crm_site.jobs import actions, kinds, wording
from crm_site.jobs.models import Job, State
from crm_site.jobs.views.tabs import tabs


@guard.needs("jobs.view")
def list_jobs(request: HttpRequest) -> HttpResponse:
    """The ledger, newest first, by state and kind; while something runs the table asks again every 2 s."""
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    jobs = (
        Job.objects.visible_to(request.user)
        .filter(policy.open_to(request.user, "jobs.view"))
        .select_related("store", "requested_by")
    )
    if state in State.values:
        jobs = jobs.filter(state=state)
    if kind in hooks.load("JOB_KINDS"):
        jobs = jobs.filter(kind=kind)
    page = paging.paginate(jobs, order=["-created_at"], cursor=request.GET.get("after", ""))
    now = clock.now()
    context = {
        "page": page,
        "rows": [wording.line(job, now) for job in page],
        "is_live": any(job.is_open for job in page),
        "may_manage": policy.allows(request.user, "jobs.manage"),
        "fields": _filter_fields(state, kind),
        "is_filtered": bool(state or kind),
        "tabs": tabs(request, "jobs:list"),
    }
    fragment = request.htmx and request.htmx.target == "jobs"  # type: ignore[attr-defined]
    return render(request, "jobs/table.html" if fragment else "jobs/list.html", context)


@require_POST
@guard.needs("jobs.manage")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a job to stop."""
    job = guard.get_or_404(Job.objects, request, pk=pk)
    return _done(request, lambda: actions.cancel(job.pk, by=_actor(request, job)), _("The job is asked to stop."))


@require_POST
@guard.needs("jobs.manage")
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a failed or cancelled job begin anew."""
    job = guard.get_or_404(Job.objects, request, pk=pk)
    return _done(request, lambda: actions.retry(job.pk, by=_actor(request, job)), _("The job is in the queue again."))


def _done(request: HttpRequest, change, words: str) -> HttpResponse:
    """Run the change, say what happened, and go back to the list."""
    try:
        change()
    except RuleBroken as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, words)
    return redirect("jobs:list")


def _actor(request: HttpRequest, job: Job) -> Employee:
    """Who acts: the employee in the job's store, or in any of the user's where the job belongs to none."""
    store_id = job.store_id or next(iter(policy.stores_allowing(request.user, "jobs.manage")), 0)
    if not policy.allows(request.user, "jobs.manage", store_id):
        guard.refuse(request, "role", job)
    return guard.acting(request, store_id)


def _filter_fields(state: str, kind: str) -> list[dict]:
    states = [("", _("All states")), *((one.value, wording.STATES[one]) for one in State)]
    known = [("", _("All kinds")), *((name, kinds.label_of(name)) for name in hooks.load("JOB_KINDS"))]
    return [
        {"name": "state", "label": _("State"), "value": state, "options": states},
        {"name": "kind", "label": _("Kind"), "value": kind, "options": known},
    ]
