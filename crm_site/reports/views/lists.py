"""What is behind a number of a report: exactly its tickets or its responses, as they stand now."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from complaints.models import Complaint
from crm_site.accounts import guard
from crm_site.core.dates import month_of
from crm_site.reports import facts, rules, wording
from crm_site.reports.lens import Lens, Row
from crm_site.reports.views.reach import reach
from customers.models import Vehicle
from satisfaction.models import EmployeeScore, Response


@guard.needs("reports.view")
def tickets(request: HttpRequest, pk: int) -> HttpResponse:
    """The tickets behind a number; those of other departments are counted, not shown."""
    lens = reach(request, pk)
    words, pks = _tickets_of(lens, request.GET)
    found = Complaint.objects.visible_to(request.user).filter(pk__in=pks)
    found = found.select_related("category", "level", "handler").order_by("received_at", "pk")
    return render(request, "reports/tickets.html", _context(lens, words, pks, list(found)))


@guard.needs("reports.view")
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """The responses behind a number of an employee."""
    lens = reach(request, pk)
    row, column = _row(lens, request.GET), request.GET.get("column", "")
    if column not in wording.ANSWERS:
        raise Http404
    words = f"{row['name']} · {wording.ANSWERS[column]}"
    found = Response.objects.visible_to(request.user).filter(pk__in=row[column])
    found = found.select_related("version__questionnaire", "asked_by").order_by("called_on", "pk")
    own = {one.response_id: one for one in _own_scores(row, row[column])}
    lines = [{"response": response, "own": own.get(response.pk)} for response in found]
    return render(request, "reports/answers.html", _context(lens, words, row[column], lines))


@guard.needs("reports.view")
def visits(request: HttpRequest, pk: int) -> HttpResponse:
    """The visits and deliveries behind an employee's 台次, as the rows stand now."""
    lens = reach(request, pk)
    row = _row(lens, request.GET)
    served = facts.visits(lens.report.store_id, month_of(lens.report.month)).get(row["employee"], set())
    cars = Vehicle.objects.visible_to(request.user).in_bulk({vehicle for vehicle, _day in served})
    lines = [{"car": cars[vehicle], "day": day} for vehicle, day in served if vehicle in cars]
    lines.sort(key=lambda line: (line["day"] is None, line["day"], line["car"].pk))
    context = _context(lens, f"{row['name']} · {_('Visits')}", [], lines)
    return render(request, "reports/visits.html", {**context, "count": row["visits"], "hidden": 0})


def _own_scores(row: Row, pks: list[int]) -> Any:
    return EmployeeScore.objects.filter(employee_id=row["employee"], response_id__in=pks)


def _context(lens: Lens, words: str, pks: list[int], rows: list) -> dict[str, Any]:
    return {
        "lens": lens,
        "report": lens.report,
        "month": wording.month_name(lens.report.month),
        "words": words,
        "count": len(pks),
        "rows": rows,
        "hidden": len(pks) - len(rows),
    }


def _tickets_of(lens: Lens, query: Any) -> tuple[str, list[int]]:
    """Which tickets the address asks for, with the words above the list; 404 for what is not in the report."""
    if query.get("employee"):
        return _of_employee(_row(lens, query), query)
    column = query.get("column", "")
    if column in wording.TICKETS:
        return str(wording.TICKETS[column]), sorted({pk for row in lens.rows for pk in row[column]})
    if not lens.is_whole or column:
        raise Http404
    return _of_line(lens, query.get("line", ""))


def _of_employee(row: Row, query: Any) -> tuple[str, list[int]]:
    column, category = query.get("column", ""), query.get("category", "")
    if column not in wording.TICKETS:
        raise Http404
    pks = row[column]
    if category:
        pks = row["categories"].get("" if category == "none" else category)
        if pks is None or column != "direct":
            raise Http404
    return f"{row['name']} · {wording.TICKETS[column]}", pks


def _of_line(lens: Lens, line: str) -> tuple[str, list[int]]:
    snapshot = lens.snapshot
    if line in rules.LINES:
        return str(wording.LINES[line]), snapshot["lines"][line]
    if line == "grievances":
        return _("Grievances"), snapshot["grievances"]
    if line == "unjudged":
        return _("Not counted yet"), snapshot["unjudged"]
    if line:
        raise Http404
    listed = [pk for row in snapshot["rows"] for pk in row["direct"]]
    return _("Complaints"), sorted({*listed, *(pk for pks in snapshot["lines"].values() for pk in pks)})


def _row(lens: Lens, query: Any) -> Row:
    employee = query.get("employee", "")
    row = lens.row(int(employee)) if employee.isdecimal() else None
    if row is None:
        raise Http404
    return row
