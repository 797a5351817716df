"""总经理月报: one page, on screen and on one sheet of A4."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.reports import director as page
from crm_site.reports.ten import CALLS, ten
from revisits.lens import lens_of


@guard.needs("reports.director")
def director(request: HttpRequest) -> HttpResponse:
    """The month of one store, or of all that the user directs."""
    lens = lens_of(request, "reports.director", now=clock.now(), today=clock.today())
    figures = page.compared(lens)
    context = {
        "lens": lens,
        "ten": ten(lens, figures, request.user),
        "coverages": page.coverages(lens),
        "figures": [one for one in figures if one.line.code not in CALLS],
        "complaints": page.complaints(lens, request.user),
        "extremes": page.extremes(lens),
        "low_items": page.low_items(lens),
        "measures": page.measures(lens),
        "outlook": page.outlook(lens),
        "next_month": lens.month.shift(1),
    }
    return render(request, "reports/director.html", context)
