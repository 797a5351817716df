"""What is behind a number of a report: exactly its tickets or its responses, as they stand now."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from complaints.models import Complaint
from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.reports import calendar, facts, rules, wording
from crm_site.reports.appealing import Appealing
from crm_site.reports.lens import Lens, Row
from crm_site.reports.posts import Posts
from crm_site.reports.views.reach import reach
from customers.models import Vehicle
from satisfaction.models import EmployeeScore, Response


@guard.needs("reports.view")
def tickets(request: HttpRequest, pk: int) -> HttpResponse:
    """The tickets behind a number; of those of other departments only what the report itself says."""
    lens = reach(request, pk)
    words, pks, row = _tickets_of(lens, request.GET)
    found = Complaint.objects.visible_to(request.user).filter(pk__in=pks)
    seen = {one.pk: one for one in found.select_related("category", "level", "handler")}
    numbers = lens.snapshot["numbers"]
    lines = [{"pk": one, "ticket": seen.get(one), "number": numbers.get(str(one), "–")} for one in pks]
    lines.sort(key=lambda line: (line["ticket"] is None, line["number"], line["pk"]))
    if row is not None and request.GET.get("column") in wording.LIABLE:
        _appealing(request, lens, row).mark(lines, "complaint")
    return render(request, "reports/tickets.html", _context(lens, words, pks, lines))


@guard.needs("reports.view")
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """The responses behind a number of an employee."""
    lens = reach(request, pk)
    row, column = _row(lens, request.GET), request.GET.get("column", "")
    if column not in wording.ANSWERS:
        raise Http404
    words = f"{row['name']} · {wording.ANSWERS[column]}"
    found = Response.objects.visible_to(request.user).filter(pk__in=row[column])
    seen = {one.pk: one for one in found.select_related("version__questionnaire", "asked_by")}
    own = {one.response_id: one for one in _own_scores(row, row[column])}
    lines = [{"pk": one, "response": seen.get(one), "own": own.get(one)} for one in row[column]]
    _appealing(request, lens, row).mark(lines, "response")
    return render(request, "reports/answers.html", _context(lens, words, row[column], lines))


def _appealing(request: HttpRequest, lens: Lens, row: Row) -> Appealing:
    """Which lines of the list can be appealed against by this user, and which have been."""
    by = request.user.employee_in(lens.report.store_id)  # type: ignore[union-attr]
    return Appealing(lens.report, row["employee"], by, clock.today())


@guard.needs("reports.view")
def visits(request: HttpRequest, pk: int) -> HttpResponse:
    """The visits and deliveries behind an employee's 台次, as the rows stand now."""
    lens = reach(request, pk)
    row = _row(lens, request.GET)
    period = calendar.period_of_report(lens.report)
    served = facts.visits(lens.report.store_id, period).get(row["employee"], {})
    posts = Posts(facts.roster(lens.report.store_id, period, {row["employee"]}))
    own = [visit for visit, day in served.items() if posts.series(row["employee"], day) == row["series"]]
    cars = Vehicle.objects.visible_to(request.user).in_bulk({vehicle for vehicle, _day in own})
    lines: list[dict[str, Any]] = [{"car": cars[vehicle], "day": day} for vehicle, day in own if vehicle in cars]
    lines.sort(key=lambda line: (line["day"] is None, line["day"], line["car"].pk))
    context = _context(lens, f"{row['name']} · {_('Visits')}", [], lines)
    return render(request, "reports/visits.html", {**context, "count": row["visits"]})


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
    }


def _tickets_of(lens: Lens, query: Any) -> tuple[str, list[int], Row | None]:
    """Which tickets the address asks for, with the words above the list; 404 for what is not in the report."""
    if query.get("employee"):
        row = _row(lens, query)
        return *_of_employee(row, query), row
    column = query.get("column", "")
    if column in wording.TICKETS:
        found = [pk for row in lens.rows for pk in row[column]]
        return str(wording.TICKETS[column]), found, None
    if not lens.is_whole or column:
        raise Http404
    return *_of_line(lens, query.get("line", ""), query.get("of", "")), None


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


def _of_line(lens: Lens, line: str, of: str) -> tuple[str, list[int]]:
    snapshot = lens.snapshot
    if line in rules.LINES:
        return str(wording.LINES[line]), snapshot["lines"][line]
    if line == "grievances":
        return _("Grievances"), snapshot["grievances"]
    if line == "unjudged":
        return _("Not counted yet"), snapshot["unjudged"]
    if line == "money" and of in snapshot["money"]:
        words = f"{_('Compensation and claims')} · {wording.department_word(of)}"
        return words, snapshot["money"][of]["tickets"]
    if line in wording.TICKETS and line in snapshot["handled"]:
        return str(wording.TICKETS[line]), snapshot["handled"][line]
    if line:
        raise Http404
    listed = [pk for row in snapshot["rows"] for pk in row["direct"]]
    return _("Complaints"), sorted({*listed, *(pk for pks in snapshot["lines"].values() for pk in pks)})


def _row(lens: Lens, query: Any) -> Row:
    employee, series = query.get("employee", ""), query.get("series", "")
    row = lens.row(int(employee), series) if employee.isdecimal() and len(employee) < 19 else None
    if row is None:
        raise Http404
    return row
