"""A report's picture and its workbook."""

from __future__ import annotations

import hashlib

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.core import charts, xlsx
from crm_site.reports import actions, board
from crm_site.reports import workbook as book
from crm_site.reports.views.reach import reach

SHAPES = {"wide": False, "narrow": True}


@guard.needs("reports.view")
def chart(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar chart as SVG: ?theme=light|dark&shape=wide|narrow."""
    lens = reach(request, pk)
    theme, shape = request.GET.get("theme", "light"), request.GET.get("shape", "wide")
    if theme not in charts.THEMES or shape not in SHAPES:
        raise Http404
    picture = charts.bar_chart(board.chart_groups(lens), theme=theme, narrow=SHAPES[shape])
    return HttpResponse(picture, content_type=charts.CONTENT_TYPE)


@require_POST
@guard.needs("reports.view")
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The report as xlsx; who took it stands in the trail."""
    lens = reach(request, pk)
    by = guard.acting(request, lens.report.store_id)
    data = book.render(lens)
    actions.record_download(lens.report, by=by, rows=len(lens.rows), sha256=hashlib.sha256(data).hexdigest())
    answer = HttpResponse(data, content_type=xlsx.CONTENT_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{book.file_name(lens)}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
