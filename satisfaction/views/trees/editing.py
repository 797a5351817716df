"""The editor of a draft: one page, one form; two people who edit the same draft notice each other."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm_site.accounts import guard
from crm_site.core.errors import RuleBroken
from satisfaction import actions
from satisfaction.forms.trees import Editor
from satisfaction.models import QuestionnaireVersion
from satisfaction.queries import designs as reading
from satisfaction.views.trees import drawing, rights


@require_http_methods(["GET", "HEAD", "POST"])
@guard.needs(rights.CAPABILITY)
def tree_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft's factors, questions, weights, scale and words; what is no draft leads to its page."""
    version = rights.version_to_design(request, pk)
    if version.state != QuestionnaireVersion.State.DRAFT:
        messages.warning(request, _("Only a draft can be changed. Copy this version into a new draft."))
        return redirect("satisfaction:tree", pk=pk)
    editor = Editor(version, request.POST or None)
    theirs: dict[str, Any] | None = None
    if request.method == "POST" and editor.is_valid():
        by = rights.acting(request, version.questionnaire.store_id)
        try:
            actions.save_draft(pk, editor.design(), note=editor.note, shown=editor.shown, by=by)
            messages.success(request, _("The draft is saved."))
            return redirect("satisfaction:tree", pk=pk)
        except RuleBroken as refused:
            editor.refuse(refused)
            if refused.code == "stale":
                theirs = _beside(request, editor, pk)
    context = {
        "version": version,
        "questionnaire": version.questionnaire,
        "editor": editor,
        "groups": editor.groups(),
        "theirs": theirs,
    }
    return render(request, "satisfaction/tree_edit.html", context, status=422 if request.method == "POST" else 200)


def _beside(request: HttpRequest, editor: Editor, pk: int) -> dict[str, Any]:
    """What saving again would change of the draft as somebody else has saved it; the next save knows of it."""
    saved = rights.version_to_read(request, pk)
    editor.take_over(saved.edits)
    return drawing.differences(reading.design_of(saved), editor.design())
