"""Publishing: the page that shows the effect before the click."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from satisfaction import actions, design_words
from satisfaction.models import QuestionnaireVersion
from satisfaction.queries import designs as reading
from satisfaction.rules import designs
from satisfaction.views.trees import drawing, rights


@require_http_methods(["GET", "HEAD", "POST"])
@guard.needs(rights.CAPABILITY)
def tree_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """From when the draft is asked, what it replaces and what differs; a POST publishes what was looked at."""
    version = rights.version_to_design(request, pk)
    if version.state != QuestionnaireVersion.State.DRAFT:
        messages.warning(request, _("This version is published already."))
        return redirect("satisfaction:tree", pk=pk)
    if request.method == "POST":
        by = rights.acting(request, version.questionnaire.store_id)
        try:
            actions.publish_version(pk, by=by, at=clock.now(), shown=_shown(request))
            messages.success(request, _("Published. Calls planned from now on ask this version."))
            return redirect("satisfaction:tree", pk=pk)
        except RuleBroken as refused:
            messages.error(request, refused.message)
            version = rights.version_to_design(request, pk)
    return render(request, "satisfaction/tree_publish.html", _page(version))


def _page(version: QuestionnaireVersion) -> dict[str, Any]:
    design = reading.design_of(version)
    replaced = reading.asked_now(version)
    beside = replaced or reading.company_twin(version)
    found = [*designs.problems(design), *designs.publish_problems(design, is_scored=version.questionnaire.is_scored)]
    return {
        "version": version,
        "questionnaire": version.questionnaire,
        "replaced": replaced,
        "beside": beside,
        "kept": replaced.responses.count() if replaced else 0,
        "problems": [design_words.refusal(one, design).message for one in found],
        "differences": drawing.differences(reading.design_of(beside), design) if beside else None,
    }


def _shown(request: HttpRequest) -> int:
    """The count of edits that the page showed; a page without one has shown nothing."""
    sent = request.POST.get("edits", "")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else -1
