"""The pictures of complaint figures: drawn from the numbers of their tables, kept by a hash of what they show."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag

from complaints.models import Kind
from complaints.queries.groups import DIMENSIONS
from complaints.views import figures
from complaints.views.lens import Lens, lens_of
from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.charts import CONTENT_TYPE, THEMES, Bar, Part, column_chart, pareto_chart

KEPT = 24 * 60 * 60  # seconds
Drawing = tuple[object, Callable[[str, bool], bytes]]


@guard.needs("complaints.learn")
def chart(request: HttpRequest, name: str) -> HttpResponse:
    """One chart as SVG: `days`, or a dimension's Pareto; `theme` light or dark, `size` wide or narrow."""
    theme, size = request.GET.get("theme", "light"), request.GET.get("size", "wide")
    if (name != "days" and name not in DIMENSIONS) or theme not in THEMES or size not in ("wide", "narrow"):
        raise Http404
    lens = lens_of(request, clock.now())
    shown, draw = _days(lens) if name == "days" else _pareto(lens, name)
    digest = hashlib.sha256(repr((name, theme, size, shown)).encode()).hexdigest()
    key = f"complaints-chart:{digest}"
    picture = cache.get(key)
    if picture is None:
        picture = draw(theme, size == "narrow")
        cache.set(key, picture, KEPT)
    answer = HttpResponse(picture, content_type=CONTENT_TYPE)
    answer["ETag"] = quote_etag(digest)
    patch_cache_control(answer, private=True, no_cache=True)
    return get_conditional_response(request, etag=answer["ETag"], response=answer) or answer


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
