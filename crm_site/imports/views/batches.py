"""Pages of imports: what came when, bringing a file, and one batch from its reading to its result."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Store
from crm_site.core import clock, formats, paging
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from crm_site.imports import layout, wording
from crm_site.imports.actions import batches as actions
from crm_site.imports.actions import exports, undoing
from crm_site.imports.forms import UploadForm
from crm_site.imports.models import BatchState, ImportBatch, Verdict
from crm_site.imports.pages import mapping
from crm_site.imports.pages import preview as pages
from crm_site.imports.views.changing import batches, blocked, change, may_write, rightful
from crm_site.imports.views.mapping import questions_form
from crm_site.jobs.models import State
from crm_site.jobs.wording import error as job_error


@guard.needs("imports.run")
def list_batches(request: HttpRequest) -> HttpResponse:
    """Every import of the user's stores, newest first, by kind and state."""
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    found = batches().visible_to(request.user)
    found = found.filter(store_id__in=policy.stores_allowing(request.user, "imports.run"))
    if state in BatchState.values:
        found = found.filter(state=state)
    if kind in layout.layouts():
        found = found.filter(layout=kind)
    page = paging.paginate(found, order=["-uploaded_at"], cursor=request.GET.get("after", ""))
    rows = [(batch, pages.title(batch), wording.STATES[batch.state]) for batch in page]
    states = [("", _("All states")), *((code, words) for code, (words, _mark) in wording.STATES.items())]
    known = [("", _("All lists")), *((code, one.label) for code, one in layout.layouts().items())]
    fields = [
        {"name": "kind", "label": _("Kind of list"), "value": kind, "options": known},
        {"name": "state", "label": _("State"), "value": state, "options": states},
    ]
    context = {"page": page, "rows": rows, "fields": fields, "is_filtered": bool(state or kind)}
    return render(request, "imports/list.html", context)


@guard.needs("imports.run")
def upload(request: HttpRequest) -> HttpResponse:
    """Bring a file and have it read; nothing is written before the preview is confirmed."""
    allowed = policy.stores_allowing(request.user, "imports.run")
    stores = Store.objects.visible_to(request.user).filter(pk__in=allowed)
    asked = {"store": request.GET.get("store"), "layout": request.GET.get("kind")}
    posted, sent = request.POST or None, request.FILES or None
    disk_full = getattr(request, "disk_full", False)
    rights = {code: policy.stores_allowing(request.user, one.capability) for code, one in layout.layouts().items()}
    form = UploadForm(posted, sent, stores=stores, rights=rights, initial=asked, disk_full=disk_full)
    if request.method == "POST" and form.is_valid():
        try:
            batch = _bring(request, form)
        except RuleBroken as refused:
            refuse(form, refused)
        else:
            return redirect("imports:batch", batch.pk)
    known = [one for code, one in layout.layouts().items() if rights[code]]
    context = {"form": form, "layouts": known, "limit": settings.MAX_UPLOAD_BYTES}
    return render(request, "imports/upload.html", context)


@guard.needs("imports.run")
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """One batch, wherever it stands: being read, refused, at its preview, being written, done, given up."""
    found = guard.get_or_404(batches(), request, pk=pk)
    if found.state in {BatchState.READING, BatchState.APPLYING}:
        return _progress_page(request, found)
    if found.state == BatchState.REFUSED:
        context = {"batch": found, "refusal": pages.refusal(found), "may_explain": mapping.may_explain(found)}
        return render(request, "imports/refused.html", context)
    if found.state == BatchState.CANCELLED:
        return render(request, "imports/cancelled.html", {"batch": found})
    if found.state == BatchState.UNDOING or (found.state == BatchState.UNDONE and "show" not in request.GET):
        return redirect("imports:undo", found.pk)
    return _rows_page(request, found)


@guard.needs("imports.run")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress of a batch's job; once that has ended the whole page is asked for anew."""
    found = guard.get_or_404(batches(), request, pk=pk)
    job = pages.running_job(found)
    busy = found.state in {BatchState.READING, BatchState.APPLYING}
    if job is None or not busy or not job.is_open:
        return HttpResponseClientRefresh()
    return render(request, "imports/running.html", {"progress": pages.progress(found, job, clock.now())})


@require_POST
@guard.needs("imports.run")
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the rows written as the preview that was looked at has shown them."""
    shown = request.POST.get("shown")
    act = rightful(request, lambda found, by: actions.confirm(found.pk, by=by, now=clock.now(), shown=shown))
    return change(request, pk, act)


@require_POST
@guard.needs("imports.run")
def abandon(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a batch up before anything is written."""
    done = _("The import is given up. Nothing was written.")
    return change(request, pk, lambda found, by: actions.abandon(found.pk, by=by), done)


@require_POST
@guard.needs("imports.run")
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the writing, also one that broke off; what is written stays."""
    done = _("The import stops. Rows that are written stay and can be undone; the rest can be written later.")
    return change(request, pk, lambda found, by: actions.stop(found.pk, by=by), done)


@require_POST
@guard.needs("imports.run")
def read_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a file again whose reading broke off."""
    return change(request, pk, lambda found, by: actions.read_again(found.pk, by=by))


def _bring(request: HttpRequest, form: UploadForm) -> ImportBatch:
    data = form.cleaned_data
    return actions.upload(
        data["file"],
        store=data["store"],
        layout=data["layout"],
        by=guard.acting(request, data["store"].pk),
        submission=data["submission"],
        historical=data["historical"],
        now=clock.now(),
    )


def _progress_page(request: HttpRequest, found: ImportBatch) -> HttpResponse:
    """The batch while a job works on it, or after that job has broken off."""
    job = pages.running_job(found)
    context = {
        "batch": found,
        "layout": pages.title(found),
        "is_reading": found.state == BatchState.READING,
        "broken": job is None or not job.is_open,
        "error": job_error(job) if job and job.state == State.FAILED else "",
        "progress": pages.progress(found, job, clock.now()) if job else None,
        "may_stop": job is not None and job.cancel_requested_at is None,
    }
    return render(request, "imports/progress.html", context)


def _rows_page(request: HttpRequest, found: ImportBatch) -> HttpResponse:
    """Preview and result: the figures, what was found, and the rows of one verdict."""
    wanted = layout.get(found.layout).at(found.store)
    verdict = pages.chosen_verdict(found, request.GET.get("show", ""))
    counts = found.counts
    waiting = actions.waiting_rows(found) if found.state in {BatchState.PREVIEW, BatchState.APPLIED} else 0
    unfinished = actions.is_unfinished(found)
    context = {
        "batch": found,
        "layout": wanted,
        "facts": pages.facts(found),
        "left_out": pages.left_out(found),
        "figures": pages.figures(found, verdict),
        "findings": pages.findings(found, wanted),
        "verdict": verdict,
        "verdict_label": wording.VERDICTS[verdict][0],
        "rows": pages.rows(found, wanted, verdict, request.GET.get("after", "")),
        "columns": mapping.brief(found, wanted),
        "may_explain": mapping.may_explain(found),
        "questions": questions_form(found) if found.questions and mapping.may_explain(found) else None,
        "earlier": _earlier(found),
        "waiting": waiting,
        "submit": wording.to_write(waiting, is_begun=unfinished),
        "unfinished": unfinished,
        "consequence": {name: formats.number(counts.get(name, 0)) for name in Verdict.values},
        "applied": formats.number(counts.get("applied", 0)),
        "effects": pages.effects(found, wanted),
        "has_errors": exports.has_errors(found),
        "may_undo": undoing.may_undo(found) and may_write(request, found),
        "blocked": blocked(request, found),
    }
    done = found.state in {BatchState.APPLIED, BatchState.UNDONE}
    return render(request, "imports/result.html" if done else "imports/preview.html", context)


def _earlier(found: ImportBatch) -> ImportBatch | None:
    """The last import of exactly the same file."""
    same = ImportBatch.objects.filter(store_id=found.store_id, file__sha256=found.file.sha256, state=BatchState.APPLIED)
    return same.exclude(pk=found.pk).select_related("applied_by").first()
