"""The dashboard: one month of one kind, from the head figure down to items and people."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm_site.accounts import guard, policy
from crm_site.core import clock, hooks
from crm_site.core.panels import Panel
from satisfaction import queries
from satisfaction.models import ImprovementMeasure
from satisfaction.views import board
from satisfaction.views.filters import department_words, filter_fields
from satisfaction.views.heat import month_labels, waiting_rows
from satisfaction.views.lens import Lens, lens_of


@guard.needs("satisfaction.view")
def dashboard(request: HttpRequest) -> HttpResponse:
    """Scores of a month with n and interval, by factor, item and employee; a head sees their department's."""
    lens = lens_of(request, clock.today())
    context = {"lens": lens, "fields": filter_fields(lens), "departments": department_words(lens)}
    if not lens.kinds:
        return render(request, "satisfaction/no_department.html", context)
    return render(request, "satisfaction/dashboard.html", {**context, **_board(request, lens)})


def _board(request: HttpRequest, lens: Lens) -> dict[str, Any]:
    """Everything below the filters; the year's factors and items load after it, see `heat`."""
    two = lens.scope.during(lens.month.shift(-1), lens.month)
    trend, items = queries.by_month(lens.scope.during(lens.month.shift(-11), lens.month)), queries.items_by_month(two)
    tree = queries.tree_of(lens.scope)
    factors = queries.factors_by_month(two) if lens.departments is None else {}
    best, worst = board.ranked_items(lens, tree, items)
    theme = getattr(request.user, "theme", "light")
    return {
        "score": board.score(lens, trend),
        "formula": queries.INDEX.formula,
        "panels": _panels(request, lens),
        "low_count": queries.LOW.of(lens.scope),
        "low_url": lens.list_url(figure="low"),
        "alerts": board.alerts(lens, tree, factors, items),
        **_measures(request, lens),
        "trend_chart": board.pictures(lens, "trend", theme),
        "trend_columns": [_("Month"), _("Mean"), _("95%% interval") % {}, "n"],
        "trend_rows": board.trend_rows(lens, trend),
        "factors": board.factor_rows(lens, tree, factors) if lens.departments is None else [],
        "months": month_labels(lens),
        "heat": waiting_rows(lens, tree, items),
        "heat_url": lens.url("heat"),
        "people": board.people(lens, queries.employees(lens.scope), theme),
        "best": best,
        "worst": worst,
        "may_measure": policy.allows(request.user, "satisfaction.measures"),
        "has_answers": any(mean.n for mean in trend.values()),
    }


def _measures(request: HttpRequest, lens: Lens) -> dict[str, int]:
    """How many improvement measures are open, and how many of them past their date."""
    measures = ImprovementMeasure.objects.visible_to(request.user).open()
    late = Count("pk", filter=Q(due_on__lt=lens.today))
    return measures.order_by().aggregate(open_measures=Count("pk"), late_measures=late)


def _panels(request: HttpRequest, lens: Lens) -> list[Panel]:
    """What higher rooms show beside the score, such as coverage; each hook is called with (request, scope)."""
    panels = [panel for hook in hooks.load("SATISFACTION_PANELS") for panel in hook(request, lens.scope)]
    return sorted(panels, key=lambda panel: panel.position)
