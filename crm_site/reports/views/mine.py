"""An employee's own lines of the months that are shown or published, with the way to appeal."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from complaints.models import Complaint
from crm_site.accounts import guard
from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.reports import appealing, board, judged, reading, wording
from crm_site.reports.models import Appeal, MonthlyReport, ReportState

MONTHS = 12


@guard.needs("reports.own")
def mine(request: HttpRequest) -> HttpResponse:
    """My lines, newest month first; of a month in its public days the tickets and answers too."""
    today = clock.today()
    user: Any = request.user
    people = {pk: one for pk in user.store_ids if (one := user.employee_in(pk)) is not None}
    reports = MonthlyReport.objects.visible_to(user).filter(store_id__in=people)
    reports = reports.exclude(state=ReportState.SUPERSEDED).select_related("store")[: MONTHS * max(len(people), 1)]
    shown = [one for one in reports if one.state == ReportState.PUBLISHED or appealing.is_open(one, today)]
    months = [_month(one, people[one.store_id], today) for one in shown]
    own = Appeal.objects.visible_to(user).filter(employee__user=user)
    context = {
        "months": [one for one in months if one["rows"]],
        "appeals": list(own.select_related("report", "complaint", "employee", "raised_by")[:MONTHS]),
    }
    return render(request, "reports/mine.html", context)


def _month(report: MonthlyReport, employee: Employee, today: Any) -> dict[str, Any]:
    """One month: the own lines, and what may be appealed against while it may."""
    rows = [row for row in reading.upgraded(report.snapshot)["rows"] if row["employee"] == employee.pk]
    is_open = appealing.is_open(report, today)
    found: dict[str, Any] = {
        "report": report,
        "name": wording.month_name(report.month),
        "is_open": is_open,
        "rows": [_line(row) for row in rows],
        "tickets": [],
        "answers": [],
    }
    if is_open:
        marks = appealing.Appealing(report, employee.pk, employee, today)
        found["tickets"] = _tickets(rows)
        keys = {name: [pk for row in rows for pk in row[name]] for name in ("responses", "low")}
        found["answers"] = judged.lines(employee, **keys)
        marks.mark(found["tickets"], "complaint")
        marks.mark(found["answers"], "response")
    return found


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "series": wording.SERIES[row["series"]],
        "held": board.held(row),
        "visits": row["visits"],
        "score": board.score(row),
        "n": len(row["responses"]),
        "low": len(row["low"]),
        **{name: len(row[name]) for name in board.NUMBERS},
    }


def _tickets(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tickets that name the employee: number, day, category; no customer."""
    about = {pk: wording.TICKETS[name] for name in wording.LIABLE for row in rows for pk in row[name]}
    found = Complaint.objects.filter(pk__in=about).select_related("category").order_by("received_at", "pk")
    return [{"pk": one.pk, "ticket": one, "about": about[one.pk]} for one in found]
