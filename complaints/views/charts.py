"""The pictures of complaint figures: drawn from the numbers of their tables, kept by a hash of what they show."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from complaints.models import Kind
from complaints.queries.groups import DIMENSIONS
from complaints.views import figures
from complaints.views.lens import Lens, lens_of
from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.charts import Bar, Part, column_chart, pareto_chart
from crm_site.core.charts.serving import Drawing, look_of, served


@guard.needs("complaints.learn")
def chart(request: HttpRequest, name: str) -> HttpResponse:
    """One chart as SVG: `days`, or a dimension's Pareto; `theme` light or dark, `size` wide or narrow."""
    if name != "days" and name not in DIMENSIONS:
        raise Http404
    look = look_of(request)
    lens = lens_of(request, clock.now())
    drawing = _days(lens) if name == "days" else _pareto(lens, name)
    return served(request, "complaints", name, look, drawing)


def _days(lens: Lens) -> Drawing:
    """Complaints with grievances on them, day by day."""
    rows = figures.days(lens).rows
    labels = [row[0] for row in rows]
    values = [row[1:3] for row in rows]
    parts = [Part(str(Kind.COMPLAINT.label), "accent"), Part(str(Kind.GRIEVANCE.label), "warn")]

    def draw(theme: str, narrow: bool) -> bytes:
        return column_chart(labels, parts, values, theme=theme, narrow=narrow)

    return (labels, values, parts), draw


def _pareto(lens: Lens, code: str) -> Drawing:
    """The first lines of a dimension with their running share."""
    bars = [Bar(line.label, line.n, line.running) for line in figures.pareto_lines(lens, code)[: figures.BARS]]

    def draw(theme: str, narrow: bool) -> bytes:
        return pareto_chart(bars, theme=theme, narrow=narrow)

    return bars, draw
