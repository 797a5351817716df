"""Retiring a published version and throwing a draft away: what follows is said before the click."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from satisfaction import actions
from satisfaction.actions.trees.publishing import uses_left
from satisfaction.models import QuestionnaireVersion
from satisfaction.queries import designs as reading
from satisfaction.views.trees import rights

State = QuestionnaireVersion.State


@require_http_methods(["GET", "HEAD", "POST"])
@guard.needs(rights.CAPABILITY)
def tree_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Retire what is published, throw away what is a draft."""
    version = rights.version_to_design(request, pk)
    if version.state == State.RETIRED:
        messages.warning(request, _("This version is retired already."))
        return redirect("satisfaction:tree", pk=pk)
    if request.method == "POST":
        try:
            return _end(request, version)
        except RuleBroken as refused:
            messages.error(request, refused.message)
    is_draft = version.state == State.DRAFT
    context = {
        "version": version,
        "questionnaire": version.questionnaire,
        "is_draft": is_draft,
        "answered": version.responses.count(),
        "takes_over": None if is_draft else reading.company_twin(version),
        "uses": [] if is_draft else uses_left(version),
    }
    return render(request, "satisfaction/tree_end.html", context)


def _end(request: HttpRequest, version: QuestionnaireVersion) -> HttpResponse:
    by = rights.acting(request, version.questionnaire.store_id)
    if version.state == State.DRAFT:
        actions.delete_draft(version.pk, by=by)
        messages.success(request, _("The draft is thrown away."))
        return redirect("satisfaction:trees")
    actions.retire_version(version.pk, by=by, at=clock.now())
    messages.success(request, _("Retired. Its responses and their scores stay as they are."))
    return redirect("satisfaction:tree", pk=version.pk)
