"""The dashboard: one period of one kind, from what needs somebody to the head figure, items and people."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm_site.accounts import guard, policy
from crm_site.accounts.views import saved_views
from crm_site.core import clock
from satisfaction import queries
from satisfaction.models import Dimension, ImprovementMeasure
from satisfaction.queries.decisions import CAPABILITY, awaiting
from satisfaction.queries.summaries import can_answer
from satisfaction.queries.targets import Book, targets_of
from satisfaction.shown import Shown
from satisfaction.views import board, outside, tabs
from satisfaction.views.asides import asides_of
from satisfaction.views.breakdown import MOST_PEOPLE, table
from satisfaction.views.charts.factors import factor_words
from satisfaction.views.charts.trend import trend_of
from satisfaction.views.coverage import chain_of, panels_of
from satisfaction.views.filters import department_words, filter_bar
from satisfaction.views.heat import month_labels, waiting_rows
from satisfaction.views.lens import Lens, lens_of
from satisfaction.views.members import dimensions_of, groups_of
from satisfaction.views.waiting import waiting_for


@guard.needs("satisfaction.view")
def dashboard(request: HttpRequest) -> HttpResponse:
    """Scores of a period with n and interval, by factor, item and employee; a head sees their department's."""
    lens = lens_of(request, clock.today())
    context = {
        "lens": lens,
        "bar": filter_bar(lens, request.path),
        "menu": saved_views.menu(request, "satisfaction:dashboard", store_id=lens.scope.get("store")),
        "departments": department_words(lens),
        "tabs": tabs.tabs_of(lens, tabs.OVERVIEW) if lens.kinds else [],
        "asides": asides_of(request, lens),
    }
    if not lens.kinds:
        return render(request, "satisfaction/no_department.html", context)
    waiting = waiting_for(request, lens)
    shown = {"waiting": waiting} if waiting else _board(request, lens)
    return render(request, "satisfaction/dashboard.html", {**context, **shown})


def _board(request: HttpRequest, lens: Lens) -> dict[str, Any]:
    """Everything below the filters; the year's factors and items load after it, see `heat`."""
    trend, items, factors = queries.by_month(lens.year), board.items_of(lens), board.factors_of(lens)
    tree, book = queries.tree_of(lens.scope), targets_of(lens.scope)
    score = board.score(lens, trend, book)
    best, worst = board.ranked_items(lens, tree, items.now)
    theme = getattr(request.user, "theme", "light")
    lines = board.factor_rows(lens, tree, factors, book) if lens.is_whole else []
    of_item = bool(lens.scope.get("question") or lens.scope.get("factor"))
    return {
        "score": score,
        "panels": panels_of(request, lens),
        "chain": chain_of(request, lens) if lens.scope.get("departments") is not None else [],
        "outside": outside.panel(lens),
        "low": Shown(queries.LOW.code, board.low_of(lens), lens.list_url(figure=queries.LOW.code)),
        "alerts": board.alerts(lens, tree, factors, items),
        "awaiting": awaiting(request.user).count() if policy.allows(request.user, CAPABILITY) else 0,
        **_measures(request, lens),
        "trend_chart": board.pictures(lens, "trend", theme),
        "trend_alt": trend_of(lens, trend).alt,
        "trend_columns": [_("Month"), _("Mean"), _("95%% interval") % {}, "n"],
        "trend_rows": board.trend_rows(lens, trend),
        "factors": lines,
        "factor_chart": board.pictures(lens, "factors", theme),
        "factor_alt": factor_words((line["label"], line["shown"].value) for line in lines),
        "is_mixed": any(line["is_mixed"] for line in lines),
        "factor_targets": any(line["against"] for line in lines),
        "months": month_labels(lens),
        "heat": [] if of_item else waiting_rows(lens, queries.tree_of(lens.year), items.now),
        "heat_url": lens.url("heat"),
        **_people(lens, book, theme),
        "best": [] if of_item else best,
        "worst": [] if of_item else worst,
        "items_url": lens.url("items", factor="", question=""),
        "may_measure": policy.allows(request.user, "satisfaction.measures"),
        "has_answers": any(mean.n for mean in trend.values()),
    }


def _people(lens: Lens, book: Book, theme: str) -> dict[str, Any]:
    """The people of each part; none beside one of them or a single item.

    Sums know people, or models, or job types: the people of one model are added up answer by answer, so they load
    after the page.
    """
    if any(lens.scope.get(name) for name in ("employee", "question", "factor")):
        return {}
    if Dimension.EMPLOYEE not in dimensions_of(lens):
        return {}
    if not can_answer(lens.scope, Dimension.EMPLOYEE):
        return {"people_url": lens.url("breakdown", Dimension.EMPLOYEE)}
    groups = groups_of(lens, Dimension.EMPLOYEE, book)
    pictures = {one.code: board.pictures(lens, "employees", theme, part=one.code) for one in groups}
    most = MOST_PEOPLE
    return {
        "groups": [{**table(lens, one, Dimension.EMPLOYEE, most=most), "chart": pictures[one.code]} for one in groups]
    }


def _measures(request: HttpRequest, lens: Lens) -> dict[str, int]:
    """How many improvement measures of the stores looked at are open, and how many of them past their date."""
    measures = ImprovementMeasure.objects.visible_to(request.user).filter(store_id__in=lens.scope.stores).open()
    late = Count("pk", filter=Q(due_on__lt=lens.today))
    return measures.order_by().aggregate(open_measures=Count("pk"), late_measures=late)
