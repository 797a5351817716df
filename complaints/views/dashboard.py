"""The figures of complaints: what came, how it was handled, what it was about, and what it cost."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from complaints.queries.groups import DIMENSIONS
from complaints.views import figures
from complaints.views.lens import Lens, lens_of
from complaints.views.lists import views
from crm_site.accounts import guard, policy
from crm_site.core import clock

FIRST_DIMENSION = "category"


@guard.needs("complaints.learn")
def learn(request: HttpRequest) -> HttpResponse:
    """A period of complaints; `by` says by what the Pareto divides, `lines=all` shows it whole."""
    lens = lens_of(request, clock.now())
    by = request.GET.get("by", "") if request.GET.get("by", "") in DIMENSIONS else FIRST_DIMENSION
    days, ages, handling = figures.days(lens), figures.open_by_age(lens), figures.handling(lens)
    theme = getattr(request.user, "theme", "light")
    context = {
        "lens": lens,
        "views": views(request, "learn"),
        "fields": lens.fields(),
        "hidden": [("by", by)] if by != FIRST_DIMENSION else [],
        "tiles": figures.tiles(lens, days, handling["n"], ages),
        "rates": figures.rates(lens, {"received": sum(days.totals), "closed": handling["n"]}),
        "handling": handling,
        "ages": figures.age_table(lens, ages),
        "has_any": any(days.totals),
        "by_month": days.by_month,
        "days_chart": pictures(lens, "days", theme),
        "days_columns": [_("Received"), _("Complaints"), _("Grievances")],
        "days_rows": figures.day_rows(lens, days),
        **_pareto(request, lens, by, theme),
        "money": figures.money(lens),
        "workbook_url": lens.url("learn_workbook"),
    }
    return render(request, "complaints/learn.html", context)


def _pareto(request: HttpRequest, lens: Lens, by: str, theme: str) -> dict[str, Any]:
    """The Pareto, its picture, and the other dimensions as tabs."""
    may_measure = policy.allows(request.user, "satisfaction.measures")
    return {
        "pareto": figures.pareto(lens, by, may_measure=may_measure, whole=request.GET.get("lines") == "all"),
        "pareto_chart": pictures(lens, by, theme),
        "dimensions": [
            {"label": one.label, "url": lens.url("learn", by=one.code) + "#pareto", "current": one.code == by}
            for one in DIMENSIONS.values()
        ],
    }


def pictures(lens: Lens, name: str, theme: str) -> dict[str, str]:
    """The addresses of a chart's wide and narrow picture."""
    return {size: lens.url("learn_chart", name, size=size, theme=theme) for size in ("wide", "narrow")}
