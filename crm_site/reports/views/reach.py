"""Fetches a report as far as this user may see it."""

from __future__ import annotations

from django.http import HttpRequest

from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.reports.lens import Lens, lens_of
from crm_site.reports.models import MonthlyReport


def reach(request: HttpRequest, pk: int, capability: str = "reports.view") -> Lens:
    """The report behind a key: 404 in another store, 403 without the capability in its store."""
    reports = MonthlyReport.objects.select_related("store", "published_by")
    report = guard.get_or_404(reports, request, pk=pk)
    guard.require(request, capability, report)
    return lens_of(report, request.user, clock.today())
