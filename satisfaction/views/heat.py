"""The heat table of factors and items × months: a year's answers are summed, so the dashboard loads it after itself."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.dates import Month
from crm_site.jobs import actions as jobs
from satisfaction import figuring, queries, rules
from satisfaction.queries import TreeLine
from satisfaction.views import board
from satisfaction.views.filters import department_words, filter_bar
from satisfaction.views.lens import Lens, lens_of

Means = dict[tuple[str, Month], rules.Mean]


@vary_on_headers("HX-Request")
@guard.needs("satisfaction.view")
def heat(request: HttpRequest) -> HttpResponse:
    """The table alone for the dashboard, a page around it for who opens the address; the same filters as there."""
    lens = lens_of(request, clock.today())
    context = {"lens": lens, "bar": filter_bar(lens, request.path), "departments": department_words(lens)}
    if not lens.kinds:
        return render(request, "satisfaction/no_department.html", context)
    context["crumbs"] = [{"label": _("Satisfaction"), "url": lens.url("dashboard")}]
    if lens.is_shortened:
        return _shortened(request, lens, context)
    factors = queries.factors_by_month(lens.year) if lens.is_whole else {}
    return _table(request, lens, context, factors, queries.items_by_month(lens.year))


def _table(request: HttpRequest, lens: Lens, context: dict[str, Any], factors: Means, items: Means) -> HttpResponse:
    """The table, alone or with a page around it."""
    rows = heat_rows(lens, queries.tree_of(lens.year), factors, items) if items else []
    context |= {"heat": rows, "months": month_labels(lens)}
    is_part = request.htmx and request.htmx.target == "heat"  # type: ignore[attr-defined]
    return render(request, "satisfaction/heat.html" if is_part else "satisfaction/heat_page.html", context)


def _shortened(request: HttpRequest, lens: Lens, context: dict[str, Any]) -> HttpResponse:
    """Three months at once; twelve, where the answers are too many, from a job that somebody has asked for today."""
    whole = lens.of_twelve_months
    job = figuring.job_of(whole.year, lens.today)
    if request.method == "POST":
        by = request.user.employee_in(lens.scope.stores[0])  # type: ignore[union-attr]
        payload = figuring.payload_of(whole.year)
        jobs.enqueue(figuring.KIND, figuring.key_of(whole.year, lens.today), payload=payload, by=by)
        return redirect(lens.url("heat"))
    if (found := figuring.found(job)) is not None:
        factors, items = found
        return _table(request, whole, {**context, "lens": whole}, factors if lens.is_whole else {}, items)
    context |= {"waits": True, "job": job, "url": lens.url("heat")}
    factors = queries.factors_by_month(lens.year) if lens.is_whole else {}
    return _table(request, lens, context, factors, queries.items_by_month(lens.year))


def month_labels(lens: Lens) -> list[str]:
    """The heads of the table's columns."""
    return [board.month_label(lens, month) for month in board.months_of(lens)]


def heat_rows(lens: Lens, tree: list[TreeLine], factors: Means, items: Means) -> list[dict[str, Any]]:
    """Factors and under each its items that were answered, over twelve months."""
    rows = _rows(lens, tree, _worth_a_row(lens, items))
    for row in rows:
        row["cells"] = _cells(lens, items if row["name"] == "question" else factors, row["code"], row["name"])
    return rows


def waiting_rows(lens: Lens, tree: list[TreeLine], items: dict[str, rules.Mean]) -> list[dict[str, Any]]:
    """The rows without their figures, to keep the place: items with enough answers in the period."""
    return _rows(lens, tree, {code for code, mean in items.items() if mean.is_enough})


def _rows(lens: Lens, tree: list[TreeLine], asked: set[str]) -> list[dict[str, Any]]:
    """A row for each factor and for each of its items that was asked; a head's factors are headings only."""
    rows: list[dict[str, Any]] = []
    for line in tree:
        own = {"weight": line.weight_text, "is_factor": True} if lens.is_whole else {"is_group": True}
        rows.append({"name": "factor", "code": line.code, "label": line.label, **own})
        rows += [
            {"name": "question", "code": code, "label": question.label}
            for code, question in line.items.items()
            if code in asked
        ]
    return rows


def _worth_a_row(lens: Lens, items: Means) -> set[str]:
    """The items with enough answers this month or in two others: a row of dashes tells nothing."""
    enough = Counter(code for (code, _month), mean in items.items() if mean.is_enough)
    now = {code for code in enough if items.get((code, lens.month), board.NOTHING).is_enough}
    return now | {code for code, months in enough.items() if months > 1}


def _cells(lens: Lens, means: Means, code: str, name: str) -> list[dict[str, Any]]:
    cells, entry = [], "item" if name == "question" else name
    row_url = lens.list_url(month="", span="", **{name: code})  # one address a row: there are hundreds of cells
    for month in board.months_of(lens):
        found = means.get((code, month), board.NOTHING)
        url = f"{row_url}&month={month}" if found.n else ""
        cells.append({"value": found.shown, "band": found.band, "n": found.n, "url": url, "code": entry})
    return cells
