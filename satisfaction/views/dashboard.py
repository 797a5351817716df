"""The dashboard: one month of one kind, from the head figure down to items and people."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Department
from crm_site.core import clock, hooks
from crm_site.core.dates import month_of, months_between
from crm_site.core.panels import Panel
from satisfaction import queries
from satisfaction.models import ImprovementMeasure
from satisfaction.views import board
from satisfaction.views.lens import KINDS, Lens, lens_of

#: which day decides the month of a response
BASES = [
    ("", gettext_lazy("By month of the call")),
    (queries.OCCASION, gettext_lazy("By month of delivery or hand-back")),
]
#: how many months back the month picker goes
MONTHS_BACK = 24


@guard.needs("satisfaction.view")
def dashboard(request: HttpRequest) -> HttpResponse:
    """Scores of a month with n and interval, by factor, item and employee; a head sees their department's."""
    lens = lens_of(request, clock.today())
    context = {"lens": lens, "fields": filter_fields(lens), "departments": department_words(lens)}
    if not lens.kinds:
        return render(request, "satisfaction/no_department.html", context)
    return render(request, "satisfaction/dashboard.html", {**context, **_board(request, lens)})


def _board(request: HttpRequest, lens: Lens) -> dict[str, Any]:
    """Everything below the filters."""
    year = lens.scope.during(lens.month.shift(-11), lens.month)
    trend, items, tree = queries.by_month(year), queries.items_by_month(year), queries.tree_of(lens.scope)
    factors = queries.factors_by_month(year) if lens.departments is None else {}
    best, worst = board.ranked_items(lens, tree, items)
    theme = getattr(request.user, "theme", "light")
    measures = ImprovementMeasure.objects.visible_to(request.user).open()
    return {
        "score": board.score(lens, trend),
        "formula": queries.INDEX.formula,
        "panels": _panels(request, lens),
        "low_count": queries.LOW.of(lens.scope),
        "low_url": lens.list_url(figure="low"),
        "alerts": board.alerts(lens, tree, factors, items),
        "open_measures": measures.count(),
        "late_measures": measures.filter(due_on__lt=lens.today).count(),
        "trend_chart": board.pictures(lens, "trend", theme),
        "trend_columns": [_("Month"), _("Mean"), _("95%% interval") % {}, "n"],
        "trend_rows": board.trend_rows(lens, trend),
        "factors": board.factor_rows(lens, tree, factors) if lens.departments is None else [],
        "months": [board.month_label(lens, month) for month in board.months_of(lens)],
        "heat": board.heat_rows(lens, tree, factors, items),
        "people": board.people(lens, queries.employees(lens.scope), theme),
        "best": best,
        "worst": worst,
        "may_measure": policy.allows(request.user, "satisfaction.measures"),
        "has_answers": any(mean.n for mean in trend.values()),
    }


def _panels(request: HttpRequest, lens: Lens) -> list[Panel]:
    """What higher rooms show beside the score, such as coverage; each hook is called with (request, scope)."""
    panels = [panel for hook in hooks.load("SATISFACTION_PANELS") for panel in hook(request, lens.scope)]
    return sorted(panels, key=lambda panel: panel.position)


def filter_fields(lens: Lens) -> list[dict[str, Any]]:
    """Month and kind as the filter bar wants them."""
    newest = max(month_of(lens.today), lens.month)
    months = list(months_between(min(newest.shift(-MONTHS_BACK), lens.month), newest))[::-1]
    kinds = [(kind, KINDS[kind]) for kind in lens.kinds]
    return [
        {"name": "month", "label": _("Month"), "value": lens.month, "options": [(month, month) for month in months]},
        {"name": "kind", "label": _("What is judged"), "value": lens.kind, "options": kinds},
        {"name": "basis", "label": _("Which month counts"), "value": lens.basis, "options": BASES},
    ]


def department_words(lens: Lens) -> list[str]:
    """The departments to which a head's view is narrowed, in words."""
    return [str(Department(code).label) for code in lens.departments or ()]
