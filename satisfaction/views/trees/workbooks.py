"""Versions go out as workbooks, and workbooks come in as new drafts; a faulty one writes nothing."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm_site.accounts import guard
from crm_site.core import clock, xlsx
from crm_site.core.errors import RuleBroken
from satisfaction import actions, workbooks
from satisfaction.forms.trees import WorkbookForm
from satisfaction.views.trees import rights


@require_POST
@guard.needs(rights.CAPABILITY)
def tree_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """A version as an .xlsx file in the user's language."""
    version = rights.version_to_read(request, pk)
    answer = HttpResponse(workbooks.write(version), content_type=xlsx.CONTENT_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{workbooks.file_name(version)}"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@guard.needs(rights.CAPABILITY)
def tree_import(request: HttpRequest) -> HttpResponse:
    """A workbook becomes a new draft of a questionnaire, or its faults are listed by cell."""
    form = WorkbookForm(request.POST or None, request.FILES or None, questionnaires=rights.designable(request.user))
    faults: list[workbooks.Fault] = []
    if request.method == "POST" and form.is_valid():
        told = workbooks.read(form.cleaned_data["workbook"].chunks())
        faults = told.faults
        if not faults:
            questionnaire = form.cleaned_data["questionnaire"]
            by = rights.acting(request, questionnaire.store_id)
            try:
                draft = actions.create_draft(questionnaire, told.design, by=by, at=clock.now(), note=told.note)
            except RuleBroken as refused:
                faults = [workbooks.Fault("", "", refused.message)]
            else:
                messages.success(request, _("Read as draft version %(number)d. Look it over, then publish.")
                                 % {"number": draft.number})  # fmt: skip
                return redirect("satisfaction:tree_edit", pk=draft.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "satisfaction/tree_import.html", {"form": form, "faults": faults}, status=status)
