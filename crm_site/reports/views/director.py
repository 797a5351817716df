"""总经理月报: one page, on screen and on one sheet of A4."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.reports import director as page
from revisits.lens import lens_of


@guard.needs("reports.director")
def director(request: HttpRequest) -> HttpResponse:
    """The month of one store, or of all that the user directs."""
    lens = lens_of(request, "reports.director", now=clock.now(), today=clock.today())
    context = {
        "lens": lens,
        "coverages": page.coverages(lens),
        "figures": page.compared(lens),
        "satisfied": page.satisfied(lens),
        "external": page.external(lens) if lens.store else None,
        "complaints": page.complaints(lens),
        "extremes": page.extremes(lens),
        "low_items": page.low_items(lens),
        "measures": page.measures(lens),
        "outlook": page.outlook(lens),
        "next_month": lens.month.shift(1),
    }
    return render(request, "reports/director.html", context)
