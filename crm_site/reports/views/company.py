"""公司口径: a month of all stores that a user reads, store by store, and whether they come to the company's sum."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm_site.accounts import guard, policy
from crm_site.core import clock
from crm_site.core.dates import month_of, parse_month
from crm_site.core.errors import RuleBroken
from crm_site.reports import rules, wording
from crm_site.reports.models import MonthlyReport, ReportState
from crm_site.reports.periods import month_start

#: how many months may be chosen
MONTHS = 13


@guard.needs("reports.director")
def company(request: HttpRequest) -> HttpResponse:
    """One month (?month=2026-09), the last one unless told: a line for each store, and the company's."""
    stores = policy.stores_allowing(request.user, "reports.director")
    month = _asked(request)
    reports = MonthlyReport.objects.visible_to(request.user).filter(store_id__in=stores, month=month)
    newest: dict[int, MonthlyReport] = {}
    for report in reports.exclude(state=ReportState.SUPERSEDED).select_related("store").order_by("store_id", "state"):
        if report.state == ReportState.PUBLISHED or report.store_id not in newest:
            newest[report.store_id] = report
    lines = [{"report": one, "sum": rules.sum_of(one.snapshot)} for one in newest.values()]
    context = {
        "month": month,
        "name": wording.month_name(month),
        "months": [(f"{one:%Y-%m}", wording.month_name(one)) for one in _choices()],
        "lines": lines,
        "line_words": [wording.LINES[line] for line in rules.LINES],
        "total": _total(lines),
        "missing": len(stores) - len(newest),
    }
    return render(request, "reports/company.html", context)


def _choices() -> list[date]:
    return [month_start(clock.today(), back) for back in range(MONTHS)]


def _asked(request: HttpRequest) -> date:
    """The month of the address; the last one where it names none."""
    try:
        return parse_month(request.GET.get("month", "")).start
    except RuleBroken:
        return month_of(clock.today()).shift(-1).start


def _total(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The stores added up, part by part, beside the company's own count."""
    sums = [line["sum"] for line in lines]
    parts = [sum(one.lines[line] for one in sums) for line in rules.LINES]
    employees, total, counted = (sum(getattr(one, name) for one in sums) for name in ("employees", "total", "company"))
    return {
        "employees": employees,
        "parts": parts,
        "total": total,
        "company": counted,
        "is_even": all(one.is_even for one in sums) and employees + sum(parts) == total == counted,
    }
