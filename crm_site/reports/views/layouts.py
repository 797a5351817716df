"""The manufacturers' sheets: brought once, their columns mapped, then filled in every month."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.core import clock
from crm_site.core.dates import parse_month
from crm_site.core.errors import RuleBroken
from crm_site.files import actions as files
from crm_site.reports.export import changes, template
from crm_site.reports.export.template import SheetTop
from crm_site.reports.forms import BringForm, ColumnsForm, FillForm
from crm_site.reports.models import ExportLayout

CAPABILITY = changes.CAPABILITY
#: how many filled sheets a page shows
LATEST = 20


@guard.needs(CAPABILITY)
def layouts(request: HttpRequest) -> HttpResponse:
    """Every layout of the user's stores, and the form that brings a new one."""
    return _layouts(request, None)


def _layouts(request: HttpRequest, form: BringForm | None) -> HttpResponse:
    stores = policy.stores_allowing(request.user, CAPABILITY)
    rows = ExportLayout.objects.visible_to(request.user).filter(store_id__in=stores)
    context = {
        "rows": list(rows.select_related("store", "created_by")),
        "form": form or BringForm(stores=stores, initial={"submission": uuid.uuid4(), "store": stores[0]}),
    }
    return render(request, "reports/layouts.html", context, status=422 if form else 200)


@require_POST
@guard.needs(CAPABILITY)
def bring_layout(request: HttpRequest) -> HttpResponse:
    """Take in an empty sheet and go on to its columns."""
    form = BringForm(request.POST, request.FILES, stores=policy.stores_allowing(request.user, CAPABILITY))
    if not form.is_valid():
        return _layouts(request, form)
    said = form.cleaned_data
    try:
        made = changes.bring(
            said["file"], name=said["name"], subject=said["subject"], store=said["store"],
            by=guard.acting(request, said["store"].pk), submission=said["submission"], now=clock.now(),
        )  # fmt: skip
    except RuleBroken as refused:
        form.add_error(refused.field or None, refused.message)
        return _layouts(request, form)
    messages.success(request, _("The sheet was read. Check which field stands in which column, then save."))
    return redirect("reports:layout", made.pk)


@guard.needs(CAPABILITY)
def layout(request: HttpRequest, pk: int) -> HttpResponse:
    """One layout: its columns (?sheet=&row= reads the titles elsewhere), and filling it in."""
    return _layout(request, _reach(request, pk))


def _reach(request: HttpRequest, pk: int) -> ExportLayout:
    return guard.get_or_404(ExportLayout.objects.select_related("store", "file", "created_by"), request, pk=pk)


def _layout(
    request: HttpRequest, row: ExportLayout, columns: ColumnsForm | None = None, filling: FillForm | None = None
) -> HttpResponse:
    sheets = _sheets(row)
    sheet, head = _asked(request, row, sheets)
    context = {
        "layout": row,
        "sheet": sheet,
        "head": head,
        "sheets": sheets,
        "lines": sorted(sheet.lines.items()) if sheet else [],
        "columns": columns or _columns_form(row, sheet, head),
        "filling": filling or FillForm(today=clock.today(), initial={"submission": uuid.uuid4()}),
        "filled": list(row.filled.select_related("file", "made_by")[:LATEST]),
    }
    is_wrong = bool((columns and columns.errors) or (filling and filling.errors))
    return render(request, "reports/layout.html", context, status=422 if is_wrong else 200)


def _sheets(row: ExportLayout) -> list[SheetTop]:
    """The sheets of the file; none where it is no longer kept."""
    path = files.path_of(row.file)
    return template.tops(path) if path.exists() else []


def _asked(request: HttpRequest, row: ExportLayout, sheets: list[SheetTop]) -> tuple[SheetTop | None, int]:
    """The sheet and the line of the titles in the address or the form, else those that the layout has."""
    asked = request.POST if request.method == "POST" else request.GET
    number, line = asked.get("sheet", ""), asked.get("row", "")
    chosen = next((one for one in sheets if one.name == row.sheet), sheets[0] if sheets else None)
    if number.isdecimal() and len(number) < 4 and int(number) < len(sheets):
        chosen = sheets[int(number)]
    is_there = chosen is not None and line.isdecimal() and len(line) < 4 and int(line) in chosen.lines
    return chosen, int(line) if is_there else row.head_row


def _columns_form(row: ExportLayout, sheet: SheetTop | None, head: int, data: Any = None) -> ColumnsForm:
    """The choices of the columns: as they were saved, or proposed anew where the titles stand elsewhere."""
    is_saved = sheet is None or (sheet.name == row.sheet and head == row.head_row)
    columns = row.columns if is_saved else template.columns(sheet, head, row.subject)  # type: ignore[arg-type]
    first = row.first_row if is_saved else head + 1
    return ColumnsForm(data, subject=row.subject, columns=columns, initial={"first_row": first, "shown": row.version})


@require_POST
@guard.needs(CAPABILITY)
def map_layout(request: HttpRequest, pk: int) -> HttpResponse:
    """Save which field stands in which column."""
    row = _reach(request, pk)
    sheet, head = _asked(request, row, _sheets(row))
    form = _columns_form(row, sheet, head, request.POST)
    if form.is_valid():
        try:
            changes.map_columns(
                pk, form.chosen(), sheet=sheet.name if sheet else row.sheet, head_row=head,
                first_row=form.cleaned_data["first_row"], shown=form.cleaned_data["shown"],
                by=guard.acting(request, row.store_id),
            )  # fmt: skip
            messages.success(request, _("Saved. The sheet can be filled in with any month."))
            return redirect("reports:layout", pk)
        except RuleBroken as refused:
            form.add_error(refused.field or None, refused.message)
    return _layout(request, row, columns=form)


@require_POST
@guard.needs(CAPABILITY)
def fill_layout(request: HttpRequest, pk: int) -> HttpResponse:
    """Fill the sheet in with a month; the file then stands below."""
    row = _reach(request, pk)
    form = FillForm(request.POST, today=clock.today())
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = changes.fill(
                row, parse_month(said["month"]), reason=said["reason"], by=guard.acting(request, row.store_id),
                submission=said["submission"], now=clock.now(),
            )  # fmt: skip
            text = _("Filled in with %(rows)s rows. Fetch the file below.")
            messages.success(request, text % {"rows": made.rows})
            return redirect("reports:layout", pk)
        except RuleBroken as refused:
            form.add_error(refused.field or None, refused.message)
    return _layout(request, row, filling=form)


@require_POST
@guard.needs(CAPABILITY)
def put_away_layout(request: HttpRequest, pk: int) -> HttpResponse:
    """No longer offer the layout."""
    row = _reach(request, pk)
    changes.put_away(pk, by=guard.acting(request, row.store_id))
    messages.success(request, _("Put away. What was filled in stays."))
    return redirect("reports:layouts")
