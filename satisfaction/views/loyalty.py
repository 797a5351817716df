"""忠诚与流失: very satisfied, recommendation, coming again and execution over a year, beside what is kept and lost."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm_site.accounts import guard
from crm_site.core import clock, hooks
from crm_site.core.dates import Month
from crm_site.core.panels import Panel
from satisfaction import queries, rules
from satisfaction.shown import Shown
from satisfaction.views import board, tabs
from satisfaction.views.filters import department_words, filter_bar
from satisfaction.views.lens import Lens, lens_of
from satisfaction.views.waiting import waiting_for

#: the figures of the page, in their order
FIGURES = (queries.VERY_SATISFIED, queries.NPS, queries.LOYALTY, queries.EXECUTION)


@guard.needs("satisfaction.view")
def loyalty(request: HttpRequest) -> HttpResponse:
    """The figures beside the index: this period with its change, twelve months, each execution item, the stock."""
    lens = lens_of(request, clock.today())
    context = {
        "lens": lens,
        "bar": filter_bar(lens, request.path),
        "departments": department_words(lens),
        "tabs": tabs.tabs_of(lens, tabs.LOYALTY) if lens.kinds else [],
    }
    if not lens.kinds:
        return render(request, "satisfaction/no_department.html", context)
    waiting = waiting_for(request, lens)
    if waiting:
        return render(request, "satisfaction/loyalty.html", {**context, "waiting": waiting})
    figures = _figures(lens) if lens.is_whole else {}
    return render(request, "satisfaction/loyalty.html", {**context, **figures, "panels": _panels(request, lens)})


def _panels(request: HttpRequest, lens: Lens) -> list[Panel]:
    """What is kept and lost, told by the room that knows the visits."""
    return [panel for hook in hooks.load("RETENTION_PANELS") for panel in hook(request, lens.scope)]


def _figures(lens: Lens) -> dict[str, Any]:
    """The figures that somebody answered about in the year."""
    year = queries.extras_by_month(lens.year)
    now, before = queries.extras(lens.scope), queries.extras(lens.before)
    asked = [figure for figure in FIGURES if any(found[figure.code].n for found in year.values())]
    return {
        "rows": [_row(lens, figure, now[figure.code], before[figure.code]) for figure in asked],
        "months": [_month(lens, month, year.get(month), asked) for month in board.months_of(lens)],
        "heads": asked,
        "executed": _executed(lens),
    }


def _row(lens: Lens, figure: Any, now: Any, before: Any) -> dict[str, Any]:
    url = lens.list_url(figure=figure.code)
    return {
        "figure": figure,
        "shown": Shown(figure.code, now, url, is_provisional=lens.is_running),
        "change": board.moved_words(now, before),
    }


def _month(lens: Lens, month: Month, found: Any, asked: list[Any]) -> dict[str, Any]:
    """One month of the trend, each figure with its own list."""
    cells = [
        Shown(one.code, found[one.code], lens.list_url(month=month, span="", figure=one.code))
        if found
        else Shown(one.code, rules.Mean(0, None))
        for one in asked
    ]
    return {"month": month, "is_running": month == lens.month and lens.is_running, "cells": cells}


def _executed(lens: Lens) -> list[dict[str, Any]]:
    """Each execution item that was asked, the least done first."""
    rates, labels = queries.executed(lens.scope), queries.execution_labels(lens.scope)
    code = queries.EXECUTION.code
    rows = [
        {"label": labels.get(item, item), "shown": Shown(code, rate, lens.list_url(figure=code, question=item))}
        for item, rate in rates.items()
    ]
    return sorted(rows, key=lambda row: (row["shown"].amount is None, row["shown"].amount or 0))
