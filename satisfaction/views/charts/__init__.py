"""The pictures of satisfaction: drawn from the same figures as its tables, kept by a hash of what they show."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse

from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.charts.serving import Drawing, look_of, served
from satisfaction.views.charts import compared, factors, fields, trend
from satisfaction.views.lens import Lens, lens_of
from satisfaction.views.members import dimensions_of
from satisfaction.views.waiting import is_too_much, waiting_for


@guard.needs("satisfaction.view")
def chart(request: HttpRequest, name: str) -> HttpResponse:
    """One chart as SVG: one of CHARTS; `theme` light or dark, `size` wide or narrow, and the filters of the pages.

    The trend of one item, factor or person is the trend with that filter; `members` takes `by` and, of people, `part`.
    404 for what is not there, or more than a page may add up at once.
    """
    look = look_of(request)
    lens = lens_of(request, clock.today())
    if name not in CHARTS or not lens.kinds or waiting_for(request, lens):
        raise Http404
    return served(request, "satisfaction", name, look, CHARTS[name](request, lens))


def _trend(_request: HttpRequest, lens: Lens) -> Drawing:
    found = trend.trend_of(lens)
    return found.shown, lambda theme, narrow: found.draw(theme=theme, narrow=narrow).svg()


def _members(request: HttpRequest, lens: Lens) -> Drawing:
    """The members of a dimension; of people those of one part."""
    dimension, part = request.GET.get("by", "employee"), request.GET.get("part", "")
    if dimension not in dimensions_of(lens) or is_too_much(lens, dimension):
        raise Http404
    groups = compared.compared_of(lens, dimension, part=part)
    found = groups[0] if groups else compared.nothing()
    return found.shown, lambda theme, narrow: found.draw(theme=theme, narrow=narrow).svg()


def _factors(_request: HttpRequest, lens: Lens) -> Drawing:
    if not lens.is_whole:
        raise Http404
    found = factors.factors_of(lens)
    return found.shown, lambda theme, narrow: found.draw(theme=theme, narrow=narrow).svg()


def _quadrant(_request: HttpRequest, lens: Lens) -> Drawing:
    found = fields.quadrants_of(lens.without("factor", "question"))
    return found.shown, lambda theme, narrow: found.draw(theme=theme, narrow=narrow).svg()


CHARTS: dict[str, Callable[[HttpRequest, Lens], Drawing]] = {
    "trend": _trend,
    "members": _members,
    "employees": _members,
    "factors": _factors,
    "quadrant": _quadrant,
}
