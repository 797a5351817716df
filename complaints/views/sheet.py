"""The figures of complaints as a workbook: the tables of the page, each on a sheet."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from complaints.queries import groups
from complaints.queries.groups import DIMENSIONS
from complaints.queries.period import PERIOD
from complaints.views import figures
from complaints.views.lens import REGISTERS, Lens, lens_of
from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.xlsx import CONTENT_TYPE, Column, Sheet, workbook_bytes


@guard.needs("complaints.learn")
def workbook(request: HttpRequest) -> HttpResponse:
    """Rates, days, every Pareto and money of the period; names of employees, never of customers."""
    lens = lens_of(request, clock.now())
    notes = [f"{lens.title} · {REGISTERS[lens.register]}"]
    sheets = [_rates(lens, notes), _days(lens, notes), *(_pareto(lens, code, notes) for code in DIMENSIONS)]
    title = _("Complaint figures")
    content = workbook_bytes([*sheets, _money(lens, notes)], created=lens.now, title=title)
    answer = HttpResponse(content, content_type=CONTENT_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="complaints-{lens.first}-{lens.month}.xlsx"'
    return answer


def _rates(lens: Lens, notes: list[str]) -> Sheet:
    columns = [
        Column(_("Rate"), width=30), Column(_("Value"), "percent"), Column(_("Interval from"), "percent"),
        Column(_("Interval to"), "percent"), Column("n", "int"), Column(_("Formula"), width=70),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for one in figures.rates(lens, {}):
        rate, few = one["rate"], one["rate"].shown is None
        values = (None, None, None) if few else (rate.value, rate.low, rate.high)
        rows.append([str(one["label"]), *values, rate.n, str(one["formula"])])
    return Sheet(_("Rates"), columns, rows, notes)


def _days(lens: Lens, notes: list[str]) -> Sheet:
    columns = [Column(_("Received")), Column(_("Complaints"), "int"), Column(_("Grievances"), "int")]
    found = figures.days(lens)
    rows = [[label, complaints, small] for label, complaints, small, _where in found.rows]
    return Sheet(_("By day"), columns, [*rows, [_("All"), *found.totals]], notes, total_rows=1)


def _pareto(lens: Lens, code: str, notes: list[str]) -> Sheet:
    label = str(DIMENSIONS[code].label)
    columns = [
        Column(label, width=34), Column(_("Tickets"), "int"), Column(_("Share"), "percent"),
        Column(_("Running share"), "percent"),
    ]  # fmt: skip
    lines = figures.pareto_lines(lens, code)
    return Sheet(label, columns, [[line.label, line.n, line.share, line.running] for line in lines], notes)


def _money(lens: Lens, notes: list[str]) -> Sheet:
    columns = [
        Column(_("Department"), width=24), Column(_("Tickets"), "int"), Column(_("Compensation"), "money"),
        Column(_("Claims"), "money"),
    ]  # fmt: skip
    found = groups.by_department(PERIOD["paid"].rows(lens.scope))
    rows = [[one.label, one.n, one.compensation, one.claims] for one in found]
    return Sheet(_("Cost"), columns, rows, notes)
