"""The month's indicators, and the list behind each of their numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee
from crm_site.core import clock, paging, xlsx
from crm_site.core.figures import Scope
from revisits.lens import Lens, lens_of
from revisits.parts import PART_WORDS
from revisits.queries import coverage as covering
from revisits.queries.coverage import KINDS, PARTS
from revisits.queries.indicators import INDICATORS, PEOPLE
from revisits.queries.results import words_of
from revisits.views import choices
from revisits.views.figures import board, book, lists
from satisfaction.rules import Rate
from satisfaction.shown import Shown

CAPABILITY = "indicators.view"


def _lens(request: HttpRequest) -> Lens:
    return lens_of(request, CAPABILITY, now=clock.now(), today=clock.today())


@guard.needs(CAPABILITY)
def indicators(request: HttpRequest) -> HttpResponse:
    """Every indicator of a month with its formula, target and list; coverage first."""
    lens = _lens(request)
    context = {
        "lens": lens,
        "coverages": board.coverages(lens),
        "groups": board.groups(lens),
        "callers": board.callers(lens),
        "targets_url": lens.url("targets") if policy.allows(request.user, "indicators.targets") else "",
    }
    return render(request, "revisits/figures/indicators.html", context)


@guard.needs(CAPABILITY)
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """The rows of one figure: all, those above the line (?part=hit) or the rest; of one caller (?by=)."""
    figure = {**INDICATORS, **PEOPLE}.get(code)
    if figure is None:
        raise Http404
    lens, part = _lens(request), request.GET.get("part", "")
    scope, caller = lens.scope, _caller(request)
    if caller:
        scope = scope.having(by=caller.pk)
    rows = figure.part(scope, part)
    words = {"hit": _("above the line"), "rest": _("not above the line")}.get(part, "")
    context = {
        "title": figure.label,
        "formula": figure.formula,
        "note": " · ".join(word for word in (caller.name if caller else "", words) if word),
        "tabs": _tabs(lens, figure, part) if not board.is_count(figure) else [],
        "shown": _shown(figure, scope) if not part else None,
        **_list(request, lens, rows),
    }
    return render(request, "revisits/figures/rows.html", context)


def _shown(figure: Any, scope: Scope) -> Shown | None:
    """The figure that the whole list makes, where it is a share or a number of rows."""
    value = figure.of(scope)
    return Shown(figure.code, value) if isinstance(value, int | Rate) else None


def _tabs(lens: Lens, figure: Any, part: str) -> list[dict[str, Any]]:
    words = (("", _("All")), ("hit", _("Above the line")), ("rest", _("The rest")))
    return [
        {"label": word, "url": lens.url("indicator", figure.code, part=code), "current": part == code}
        for code, word in words
    ]


def _caller(request: HttpRequest) -> Employee | None:
    """Whose attempts, where the address names somebody."""
    asked = request.GET.get("by", "")
    if not asked:
        return None
    people = Employee.objects.filter(store_id__in=policy.stores_allowing(request.user, CAPABILITY))
    found = people.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 19 else None
    if found is None:
        raise Http404
    return found


@guard.needs(CAPABILITY)
def covered(request: HttpRequest, kind: str) -> HttpResponse:
    """The deliveries or visits behind a number of coverage: ?part=excused&detail=refuses_calls, of ?span=3 months."""
    if kind not in KINDS:
        raise Http404
    lens = replace(_lens(request), span=choices.span(request))
    part, detail = request.GET.get("part", ""), request.GET.get("detail", "")
    if part not in ("", *PARTS):
        raise Http404
    scope = lens.scope
    rows = covering.facts_in(
        KINDS[kind], scope.stores, scope.start, scope.last, today=lens.today, part=part, detail=detail
    )
    results = words_of(store.pk for store in lens.stores)
    words = [str(PART_WORDS[part])] if part else []
    words += [board.detail_word(detail, results)] if detail else []
    context = {
        "title": _("Coverage: deliveries") if kind == "sales" else _("Coverage: service visits"),
        "formula": _("each delivery or visit of the period stands in exactly one part"),
        "note": " · ".join(words),
        "tabs": [],
        **_list(request, lens, rows),
    }
    return render(request, "revisits/figures/rows.html", context)


def _list(request: HttpRequest, lens: Lens, rows: QuerySet) -> dict[str, Any]:
    """A page of rows with their count."""
    page = paging.paginate(lists.loaded(rows), order=lists.order(rows), cursor=request.GET.get("after", ""))
    return {
        "lens": lens,
        "page": page,
        "lines": [lists.line(row, lens.today) for row in page],
        "total": paging.capped_count(rows),
        "back": lens.url("indicators"),
    }


@require_POST
@guard.needs(CAPABILITY)
def workbook(request: HttpRequest) -> HttpResponse:
    """The page as a workbook: coverage, indicators, callers; no customer is in it."""
    lens = _lens(request)
    answer = HttpResponse(book.render(lens), content_type=xlsx.CONTENT_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="indicators-{lens.month}.xlsx"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
