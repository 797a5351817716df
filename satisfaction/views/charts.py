"""The dashboard's pictures: drawn from the same figures as its tables, kept by a hash of what they show."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.charts import Dot, Series, dot_chart, line_chart
from crm_site.core.charts.serving import Drawing, look_of, served
from satisfaction import queries
from satisfaction.views import board
from satisfaction.views.lens import Lens, lens_of

#: from here on a score is good (the upper band), drawn as a dashed line
TARGET = 90.0


@guard.needs("satisfaction.view")
def chart(request: HttpRequest, name: str) -> HttpResponse:
    """One chart as SVG: name trend or employees; `theme` light or dark, `size` wide or narrow, `part` of the people."""
    look = look_of(request)
    lens = lens_of(request, clock.today())
    if name not in CHARTS or not lens.kinds:
        raise Http404
    return served(request, "satisfaction", name, look, CHARTS[name](request, lens))


def _trend(request: HttpRequest, lens: Lens) -> Drawing:
    """The period score over twelve months with its interval; months with too few answers are gaps."""
    months = board.months_of(lens)
    trend = queries.by_month(lens.scope.during(months[0], months[-1]))
    means = [trend.get(month, board.NOTHING) for month in months]
    labels = [board.month_label(lens, month) for month in months]
    running = frozenset({len(months) - 1} if lens.is_running else ())
    series = Series(
        _("Internal") if lens.departments is None else _("This department"),
        [_float(mean.shown) for mean in means],
        low=[_float(mean.low if mean.is_enough else None) for mean in means],
        high=[_float(mean.high if mean.is_enough else None) for mean in means],
        hollow=running,
    )

    def draw(theme: str, narrow: bool) -> bytes:
        target = {"target": TARGET, "target_label": _("Target")}
        return line_chart(labels, [series], theme=theme, narrow=narrow, **target)  # type: ignore[arg-type]

    return (labels, series, _("Target")), draw


def _employees(request: HttpRequest, lens: Lens) -> Drawing:
    """Dot and whisker of everybody of one part, beside the mean of the part."""
    lines = [line for line in queries.employees(lens.scope) if line.part == request.GET.get("part")]
    mean = _float(board.part_mean(lines))
    dots = [
        Dot(
            line.employee.name,
            _float(line.now.shown),
            low=_float(line.now.low if line.now.is_enough else None),
            high=_float(line.now.high if line.now.is_enough else None),
            note=f"n = {line.now.n}",
        )
        for line in lines
    ]

    def draw(theme: str, narrow: bool) -> bytes:
        return dot_chart(dots, theme=theme, narrow=narrow, mean=mean, mean_label=_("Mean"))

    return (dots, mean, _("Mean")), draw


def _float(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


CHARTS: dict[str, Callable[[HttpRequest, Lens], Drawing]] = {"trend": _trend, "employees": _employees}
