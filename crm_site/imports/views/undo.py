"""Pages of an undo: what it would do, what a person decides of rows edited since, and what it has done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from crm_site.accounts import guard
from crm_site.accounts.models import Employee
from crm_site.core import clock, formats
from crm_site.imports import layout
from crm_site.imports.actions import undoing as actions
from crm_site.imports.models import BatchState, ImportBatch, UndoCase
from crm_site.imports.pages import undo as pages
from crm_site.imports.views.changing import Act, batches, change, rightful, said_by_key
from crm_site.jobs.models import State
from crm_site.jobs.wording import error as job_error


@guard.needs("imports.run")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """An undo wherever it stands: being planned, its plan, being carried out, its result."""
    found = guard.get_or_404(batches(), request, pk=pk)
    if found.state not in {BatchState.UNDOING, BatchState.UNDONE}:
        return redirect("imports:batch", found.pk)
    phase = pages.phase(found)
    if phase in {"planning", "undoing", "broken"}:
        return _progress_page(request, found, phase)
    return _plan_page(request, found, phase)


@guard.needs("imports.run")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress of an undo's job; once that has ended the whole page is asked for anew."""
    found = guard.get_or_404(batches(), request, pk=pk)
    job = found.undo_job
    if found.state != BatchState.UNDOING or job is None or not job.is_open:
        return HttpResponseClientRefresh()
    return render(request, "imports/running.html", {"progress": pages.progress(found, job, clock.now())})


@require_POST
@guard.needs("imports.run")
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the undo of an import planned."""
    return _change(request, pk, rightful(request, lambda found, by: actions.ask(found.pk, by=by)))


@require_POST
@guard.needs("imports.run")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what was decided of the rows of a page, or of all of them at once ("all")."""
    said = request.POST.get("all", "")

    def act(found: ImportBatch, by: Employee) -> object:
        if said:
            return actions.decide_all(found.pk, decision=said, by=by)
        return actions.decide(found.pk, decisions=said_by_key(request, "case-"), by=by)

    return _change(request, pk, act, _("Your decisions are kept."), back=request.POST.get("after", ""))


@require_POST
@guard.needs("imports.run")
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the plan carried out."""
    return _change(request, pk, rightful(request, lambda found, by: actions.confirm(found.pk, by=by)))


@require_POST
@guard.needs("imports.run")
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop planning or undoing."""
    done = _("It is asked to stop. What is taken back stays so; the rest can be undone later.")
    return _change(request, pk, lambda found, by: actions.stop(found.pk, by=by, now=clock.now()), done)


@require_POST
@guard.needs("imports.run")
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the undo up."""
    done = _("The undo is given up. What is still in stays in.")
    return _change(request, pk, lambda found, by: actions.leave(found.pk, by=by, now=clock.now()), done)


@require_POST
@guard.needs("imports.run")
def plan_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Look once more at what an undo would do."""
    return _change(request, pk, lambda found, by: actions.plan_again(found.pk, by=by))


def _change(request: HttpRequest, pk: int, act: Act, done: str = "", back: str = "") -> HttpResponse:
    """Act on the batch and go back to the page of its undo, to the same rows of the list."""
    where = reverse("imports:undo", args=[pk])
    return change(request, pk, act, done, f"{where}?show=edited&after={back}#rows" if back.isalnum() else where)


def _progress_page(request: HttpRequest, found: ImportBatch, phase: str) -> HttpResponse:
    job = found.undo_job
    context = {
        "batch": found,
        "phase": phase,
        "error": job_error(job) if job else "",
        "progress": pages.progress(found, job, clock.now()) if job else None,
        "may_stop": job is not None and job.is_open and job.cancel_requested_at is None,
    }
    return render(request, "imports/undo_progress.html", context)


def _plan_page(request: HttpRequest, found: ImportBatch, phase: str) -> HttpResponse:
    wanted = layout.get(found.layout)
    numbers = pages.numbers(found)
    kind = request.GET.get("show", "")
    if kind not in UndoCase.Kind.values:
        kind = "edited" if numbers["edited"] or not numbers["referenced"] else "referenced"
    counts, job = pages.counted(found), found.undo_job
    context = {
        "batch": found,
        "layout": wanted,
        "phase": phase,
        "counts": counts,
        "figures": pages.figures(found, kind, numbers),
        "numbers": numbers,
        "kind": kind,
        "cases": pages.cases(found, wanted, kind, request.GET.get("after", "")),
        "tables": pages.tables(found),
        "choices": [("keep", _("stays as it is")), ("restore", _("take back"))],
        "after": request.GET.get("after", ""),
        "submit": _submit(counts, phase),
        "error": job_error(job) if phase == "stopped" and job and job.state == State.FAILED else "",
    }
    return render(request, "imports/undo.html", context)


def _submit(counts: dict, phase: str) -> str:
    """The words of the one button."""
    if phase == "stopped":
        return _("Go on undoing")
    count = counts.get("deleted", 0) + counts.get("restored", 0)
    return ngettext("Undo %(count)s row", "Undo %(count)s rows", count) % {"count": formats.number(count)}
