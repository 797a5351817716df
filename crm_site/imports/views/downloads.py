"""What an import gives out: the error workbook of a batch, and a filled-in template of every kind of list."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Store
from crm_site.core import clock, xlsx
from crm_site.core.errors import RuleBroken
from crm_site.imports import layout
from crm_site.imports.actions import exports
from crm_site.imports.pages import downloads as pages
from crm_site.imports.views.changing import batches
from crm_site.jobs.models import State
from crm_site.jobs.wording import error as job_error


@require_POST
@guard.needs("imports.run")
def ask_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the error workbook of a batch built; its page shows how far that is."""
    found = guard.get_or_404(batches(), request, pk=pk)
    guard.require(request, "imports.run", found)
    by = guard.acting(request, found.store_id)
    try:
        exports.ask_workbook(found, language=_language(), by=by, now=clock.now())
    except RuleBroken as refused:
        messages.error(request, refused.message)
        return redirect("imports:batch", found.pk)
    return redirect("imports:workbook", found.pk)


@guard.needs("imports.run")
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The error workbook of a batch: being built, ready to be fetched, or to be asked for."""
    found = guard.get_or_404(batches(), request, pk=pk)
    job = exports.workbook_job(found, language=_language(), now=clock.now())
    context: dict[str, Any] = {
        "batch": found,
        "file": exports.workbook_file(job),
        "is_running": job is not None and job.is_open,
        "error": job_error(job) if job is not None and job.state == State.FAILED else "",
        "progress": pages.progress(found, job, clock.now()) if job is not None else None,
        "may_ask": found.state in exports.STATES,
    }
    return render(request, "imports/workbook.html", context)


@guard.needs("imports.run")
def workbook_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the building is; once it has ended the whole page is asked for anew."""
    found = guard.get_or_404(batches(), request, pk=pk)
    job = exports.workbook_job(found, language=_language(), now=clock.now())
    if job is None or not job.is_open:
        return HttpResponseClientRefresh()
    return render(request, "imports/running.html", {"progress": pages.progress(found, job, clock.now())})


@guard.needs("imports.run")
def template(request: HttpRequest, code: str) -> FileResponse:
    """The filled-in template of a list, with the choices of the first store for which the user may import."""
    from crm_site.imports.workbook import templates  # loads the writer of workbooks, which no other page needs

    wanted = layout.layouts().get(code)
    allowed = policy.stores_allowing(request.user, "imports.run")
    store = Store.objects.visible_to(request.user).filter(pk__in=allowed).order_by("pk").first()
    if wanted is None or store is None:
        raise Http404
    name = _("Template - %(list)s.xlsx") % {"list": wanted.label}
    content = io.BytesIO(templates.build(wanted, store))
    answer = FileResponse(content, as_attachment=True, filename=name, content_type=xlsx.CONTENT_TYPE)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _language() -> str:
    return get_language() or "zh-hans"
