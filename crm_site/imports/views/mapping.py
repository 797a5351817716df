"""Pages on which a person says what a file means: its sheets, header and columns, and the answers to its questions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from crm_site.imports import layout
from crm_site.imports.actions import sources
from crm_site.imports.forms import MappingForm, QuestionsForm
from crm_site.imports.models import ImportBatch
from crm_site.imports.pages import mapping as pages
from crm_site.imports.pages import preview, questions
from crm_site.imports.views.changing import batches


@guard.needs("imports.run")
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the sheets, the header rows and the columns of a file, and have it read again."""
    found = guard.get_or_404(batches(), request, pk=pk)
    if not pages.may_explain(found):
        return redirect("imports:batch", found.pk)
    wanted = pages.layout_of(found, request.POST.get("layout", ""))
    sheets = pages.sheets(found, wanted, _headers(request, found))
    given = pages.given(found, wanted)
    if request.method != "POST":
        return _page(request, found, MappingForm(sheets=sheets, wanted=wanted, given=given))
    form = MappingForm(request.POST, sheets=sheets, wanted=wanted, given=given)
    if "look" in request.POST or not form.is_looked_at():
        return _page(request, found, _looked_at(request, form))
    if form.is_valid() and wanted is not None:
        try:
            by, keep = guard.acting(request, found.store_id), form.cleaned_data["remember"]
            forget = form.forgotten
            sources.explain(found.pk, form.said(), by=by, remember=keep, layout=wanted.code, forget=forget)
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            return redirect("imports:batch", found.pk)
    return _page(request, found, form)


@require_POST
@guard.needs("imports.run")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the answers to a file's questions, and have it read again."""
    found = guard.get_or_404(batches(), request, pk=pk)
    if not found.questions:
        return redirect("imports:batch", found.pk)
    form = questions_form(found, request.POST)
    if form.is_valid():
        try:
            by, keep = guard.acting(request, found.store_id), form.cleaned_data["remember"]
            sources.explain(found.pk, form.said(found), by=by, remember=keep)
        except RuleBroken as broken:
            messages.error(request, broken.message)
    else:
        for error in form.non_field_errors() or [_("Choose one of the answers offered here.")]:
            messages.error(request, str(error))
    return redirect("imports:batch", found.pk)


def questions_form(found: ImportBatch, data: Any = None) -> QuestionsForm:
    """The form of a batch's open questions."""
    asked = questions.of(found, layout.get(found.layout).at(found.store))
    return QuestionsForm(data, questions=asked, reading=found.answers.get("readings", 0))


def _headers(request: HttpRequest, found: ImportBatch) -> dict[int, int]:
    """The header rows sent, by the sheets' places; nothing where nothing sensible was sent."""
    sent = ((place, request.POST.get(f"header_{place}", "")) for place in range(len(found.reading["sheets"])))
    return {place: int(row) for place, row in sent if row.isdecimal() and len(row) < 8}


def _looked_at(request: HttpRequest, form: MappingForm) -> MappingForm:
    """The form anew with the columns of the header and the list sent; ticks stay as they were."""
    fresh = MappingForm(sheets=form.sheets, wanted=form.wanted, given=form.given)
    for name in fresh.fields:
        if name.startswith(("take_", "rows_", "columns_", "forget_")) or name == "remember":
            fresh.initial[name] = name in request.POST
    return fresh


def _page(request: HttpRequest, found: ImportBatch, form: MappingForm) -> HttpResponse:
    context = {
        "batch": found,
        "form": form,
        "sheets": [(sheet, _fields(form, sheet)) for sheet in form.sheets],
        "title": preview.title(found),
        "sees_hidden": found.reading.get("sees_hidden", True),
        "wanted": form.wanted,
    }
    return render(request, "imports/mapping.html", context)


def _fields(form: MappingForm, sheet: pages.Sheet) -> dict[str, Any]:
    """The bound fields of a sheet, those of its columns beside them."""
    mark = sheet.place
    return {
        "take": form[f"take_{mark}"],
        "rows": form[f"rows_{mark}"],
        "columns": form[f"columns_{mark}"],
        "header": form[f"header_{mark}"],
        "each": [(column, None if column.as_in else form[form.name_of(sheet, column)]) for column in sheet.columns],
    }
