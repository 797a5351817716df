"""Correcting a refused or doubtful row of an import in the browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import guard
from crm_site.core.errors import RuleBroken
from crm_site.imports import layout
from crm_site.imports.actions import corrections
from crm_site.imports.models import ImportBatch, StagedRow, Verdict
from crm_site.imports.pages import corrections as pages
from crm_site.imports.pages import preview
from crm_site.imports.views.changing import batches, blocked


@guard.needs("imports.run")
def row(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """One row with its doubtful and refused cells; sent back, it is read and judged anew at once."""
    found = guard.get_or_404(batches(), request, pk=pk)
    staged = guard.get_or_404(StagedRow.objects.filter(batch=found).select_related("batch"), request, pk=row)
    if request.method == "POST":
        return _correct(request, found, staged)
    if not pages.is_fixable(found) or staged.applied or staged.verdict == Verdict.SKIPPED:
        return redirect("imports:batch", found.pk)
    return _row_page(request, found, staged)


def _correct(request: HttpRequest, found: ImportBatch, staged: StagedRow) -> HttpResponse:
    """Take what was typed; on a refusal nothing of it is lost."""
    typed = _typed(request, found, staged)
    if not typed:
        return _answer(request, found, staged)
    try:
        staged = corrections.correct(found.pk, staged.pk, typed, by=guard.acting(request, found.store_id))
    except RuleBroken as refused:
        return _answer(request, found, staged, typed, refused.message)
    found.refresh_from_db(fields=["answers", "counts", "reading", "state"])
    return _answer(request, found, staged)


def _typed(request: HttpRequest, found: ImportBatch, staged: StagedRow) -> dict[str, str]:
    """The cells whose text differs from what stands there, by field; a suggestion that was taken goes first."""
    typed = {}
    wanted = layout.get(found.layout).at(found.store) if found.layout else None
    for cell in pages.cells(found, wanted, staged) if wanted else []:
        text = request.POST.get(f"cell-{cell.name}")
        if request.POST.get("take") == cell.name and cell.suggestion:
            text = cell.suggestion
        if text is not None and text != cell.written:
            typed[cell.name] = text
    return typed


def _answer(
    request: HttpRequest,
    found: ImportBatch,
    staged: StagedRow,
    typed: Mapping[str, str] | None = None,
    error: str = "",
) -> HttpResponse:
    """The row's new lines with the figures, where the page asks for them; else the row's page or the preview."""
    wanted = layout.get(found.layout).at(found.store)
    if request.htmx:  # type: ignore[attr-defined]
        several = len(preview.taken_sheets(found)) > 1
        context = {
            "row": pages.bad_row(found, wanted, staged, several=several, typed=typed, error=error),
            "batch": found,
            "figures": preview.figures(found, Verdict.PROBLEM),
            **pages.foot(found),
            "blocked": blocked(request, found),
        }
        return render(request, "imports/corrected.html", context)
    if error or staged.verdict == Verdict.PROBLEM:
        return _row_page(request, found, staged, typed, error)
    messages.success(request, _("Row %(row)s is corrected.") % {"row": staged.row})
    return redirect(f"{reverse('imports:batch', args=[found.pk])}?show={Verdict.PROBLEM.value}#rows")


def _row_page(
    request: HttpRequest,
    found: ImportBatch,
    staged: StagedRow,
    typed: Mapping[str, str] | None = None,
    error: str = "",
) -> HttpResponse:
    wanted = layout.get(found.layout).at(found.store)
    shown = pages.cells(found, wanted, staged, typed)
    context: dict[str, Any] = {
        "batch": found,
        "layout": wanted,
        "staged": staged,
        "cells": shown,
        "general": pages.general(wanted, staged, shown),
        "is_refused": staged.verdict == Verdict.PROBLEM,
        "error": error,
    }
    return render(request, "imports/row.html", context)
