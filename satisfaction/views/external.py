"""External satisfaction as it was imported: each survey and period with its factors, beside and never in our score."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Case, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Store
from crm_site.core import clock, paging
from satisfaction.actions.external import shortest
from satisfaction.models import ExternalResult
from satisfaction.views.board import pictures
from satisfaction.views.lens import lens_of
from satisfaction.views.outside import period_word, year_of

#: newest first; within a survey the whole before its factors, which stand as in the file
ORDER = ["-last_day", "survey", "store_id", "period", "is_factor", "row"]
WHOLE = "whole"


@guard.needs("satisfaction.view")
def external(request: HttpRequest) -> HttpResponse:
    """The results of the user's stores, newest period first; filters by survey, period and part."""
    stores = policy.stores_allowing(request.user, "satisfaction.view")
    known = ExternalResult.objects.visible_to(request.user).filter(store_id__in=stores)
    rows = _narrowed(known, request).annotate(is_factor=Case(When(factor="", then=0), default=1))
    page = paging.paginate(rows.select_related("store", "batch__file"), order=ORDER, cursor=request.GET.get("page", ""))
    context = {
        "page": page,
        "lines": [
            {"row": row, "period": period_word(row.period), "measured": f"{shortest(row.raw_score)} / {row.scale}"}
            for row in page
        ],
        "total": paging.capped_count(rows),
        "fields": _fields(known, request) + _store_field(request, stores),
        "is_narrowed": any(request.GET.get(name) for name in ("survey", "period", "of", "store")),
        "may_import": policy.allows(request.user, "imports.run"),
        "shows_store": len(stores) > 1,
        "years": _years(request),
    }
    return render(request, "satisfaction/external.html", context)


def _years(request: HttpRequest) -> list[dict[str, Any]]:
    """Internal and external scores of the year, for each kind that some survey is about; one store at a time."""
    lens = lens_of(request, clock.today())
    found = []
    for kind in lens.kinds:
        own = replace(lens, scope=lens.scope.having(kind=kind))
        year = year_of(own)
        if year:
            theme = getattr(request.user, "theme", "light")
            found.append({"lens": own, "year": year, "chart": pictures(own, "trend", theme)})
    return found


def _store_field(request: HttpRequest, stores: list[int]) -> list[dict[str, Any]]:
    """The choice of a store, where there are several; internal and external stand side by side for one at a time."""
    if len(stores) < 2:
        return []
    rows = Store.objects.filter(pk__in=stores)
    options = [("", _("All stores")), *((str(row.pk), row.short_name) for row in rows)]
    return [_field("store", _("Store"), options, request)]


def _narrowed(rows: QuerySet[ExternalResult], request: HttpRequest) -> QuerySet[ExternalResult]:
    asked = request.GET
    if asked.get("store", "").isdecimal():
        rows = rows.filter(store_id=int(asked["store"][:18]))
    if asked.get("survey"):
        rows = rows.filter(survey=asked["survey"])
    if asked.get("period"):
        rows = rows.filter(period=asked["period"])
    return rows.filter(factor="") if asked.get("of") == WHOLE else rows


def _fields(known: QuerySet[ExternalResult], request: HttpRequest) -> list[dict[str, Any]]:
    """The filter bar: the surveys and periods that there are."""
    surveys = known.order_by("survey").values_list("survey", flat=True).distinct()
    periods = known.order_by("-last_day", "period").values_list("period", "last_day").distinct()
    return [
        _field("survey", _("Survey"), [("", _("All surveys")), *((name, name) for name in surveys)], request),
        _field(
            "period",
            _("Period"),
            [("", _("All periods")), *((code, period_word(code)) for code, _last in periods)],
            request,
        ),
        _field("of", _("Part"), [("", _("Whole and factors")), (WHOLE, _("Whole surveys only"))], request),
    ]


def _field(name: str, label: str, options: list[tuple[str, str]], request: HttpRequest) -> dict[str, Any]:
    return {"name": name, "label": label, "value": request.GET.get(name, ""), "options": options}
