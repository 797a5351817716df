"""The list behind a figure, one response with its arithmetic, and taking one out of the scores."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.accounts.views import saved_views
from crm_site.core import clock, paging
from crm_site.core.dates import month_of
from crm_site.core.errors import RuleBroken
from crm_site.core.figures import Figure
from satisfaction import actions, queries
from satisfaction.models import Answer, Response
from satisfaction.queries.reach import departments_seen
from satisfaction.shown import Shown, entry_code
from satisfaction.views import board, sheet
from satisfaction.views.filters import department_words, filter_bar, named_departments
from satisfaction.views.integrity import lack_words
from satisfaction.views.lens import KINDS, Lens, lens_of

#: how the list may be sorted -> by what
SORTS = {
    "": ["-called_on"],
    "day": ["called_on"],
    "score": ["points", "-called_on"],
    "-score": ["-points", "-called_on"],
}


@guard.needs("satisfaction.view")
def responses(request: HttpRequest) -> HttpResponse:
    """The responses from which one figure follows; filters are codes and ids of the address."""
    lens = lens_of(request, clock.today())
    if not lens.kinds:
        raise Http404
    asked, sort = _asked(request, lens), _sort(request)
    rows = asked.figure.rows(lens.scope)
    total, value = paging.capped_count(rows), _value(asked.figure, lens)
    page = paging.paginate(_loaded(rows, lens), order=SORTS[sort], cursor=request.GET.get("page", ""))
    context = {
        "lens": lens,
        "figure": asked.figure,
        "heading": asked.heading,
        "points_label": asked.points_label,
        "shows_index": shows_index(lens, asked),
        "places": 0 if asked.figure.code in ("very_satisfied", "nps") else 1,  # those count raw answers
        "shown": Shown(entry_code(asked.figure.code, lens.scope), value, is_provisional=lens.is_running),
        "heads": _heads(lens, asked, sort),
        "bar": filter_bar(
            lens, request.path, figure="" if asked.figure.code == "index" else asked.figure.code, sort=sort
        ),
        "menu": saved_views.menu(request, "satisfaction:responses", store_id=lens.scope.get("store")),
        "departments": department_words(lens),
        "page": page,
        "total": total,
        "may_export": policy.allows(request.user, "satisfaction.export"),
        "query": request.GET.urlencode(),
        "back": lens.url("dashboard", factor="", question="", employee="", part=""),
    }
    return render(request, "satisfaction/responses.html", context)


def listed(request: HttpRequest) -> tuple[Lens, Asked, QuerySet[Response]]:
    """What the list says, for taking it away: the view, what was asked, and every row in the list's order.

    Responses of restricted customers are counted, but leave in no list.
    """
    lens = lens_of(request, clock.today())
    if not lens.kinds:
        raise Http404
    asked, sort = _asked(request, lens), _sort(request)
    rows = asked.figure.rows(lens.scope).exclude(customer__restricted=True)
    return lens, asked, _loaded(rows, lens).order_by(*SORTS[sort], "pk")


@dataclass(frozen=True)
class Asked:
    """Which figure's rows are listed, what the page is called, and what the column of points says."""

    figure: Figure
    heading: str
    points_label: str


def shows_index(lens: Lens, asked: Asked) -> bool:
    """Whether the index of the whole store stands beside what was asked for; to heads it is not theirs to see."""
    return lens.scope.get("departments") is None and asked.points_label != _("Index")


def _asked(request: HttpRequest, lens: Lens) -> Asked:
    """Read the figure, and name the page by what narrows it most; 404 for a figure that is not there to see."""
    figure = queries.FIGURES.get(request.GET.get("figure", "index"))
    if figure is None or (lens.scope.get("departments") is not None and figure.code not in ("index", "low")):
        raise Http404
    heading = lens.words.get("question") or lens.words.get("factor") or str(figure.label)
    if figure.code not in ("index", "low"):
        return Asked(figure, heading, str(figure.label))
    narrowed = (lens.words[name] for name in ("question", "factor", "employee", "department") if name in lens.words)
    return Asked(figure, heading, next(narrowed, _("Index") if lens.is_whole else _("Department")))


def _value(figure: Figure, lens: Lens) -> Any:
    """The figure itself, from the same tables as the page that it was opened from."""
    if figure.code == queries.INDEX.code:
        return board.mean_of(lens)
    if figure.code == queries.LOW.code:
        return board.low_of(lens)
    return queries.extras(lens.scope)[figure.code] if lens.is_whole else figure.of(lens.scope)


def _sort(request: HttpRequest) -> str:
    """By which column the list is sorted; 404 for an unknown one."""
    sort = request.GET.get("sort", "")
    if sort not in SORTS:
        raise Http404
    return sort


def _heads(lens: Lens, asked: Asked, sort: str) -> dict[str, dict[str, str]]:
    """The two columns by which the list can be sorted: address and state of each."""
    keep = {"figure": "" if asked.figure.code == "index" else asked.figure.code}
    down, up = "descending", "ascending"
    return {
        "day": {
            "url": lens.list_url(**keep, sort="day" if sort == "" else ""),
            "state": {"": down, "day": up}.get(sort, ""),
        },
        "points": {
            "url": lens.list_url(**keep, sort="-score" if sort == "score" else "score"),
            "state": {"-score": down, "score": up}.get(sort, ""),
        },
    }


def _loaded(rows: QuerySet[Response], lens: Lens) -> QuerySet[Response]:
    """The rows with what the list shows of each, in a constant number of queries."""
    low = Answer.objects.filter(is_low=True).select_related("question").order_by("question__position")
    if lens.departments is not None:
        low = low.filter(department__in=lens.departments)
    return rows.select_related("customer", "vehicle", "version__questionnaire", "asked_by").prefetch_related(
        Prefetch("answers", queryset=low, to_attr="low_answers")
    )


@guard.needs("satisfaction.view")
def response(request: HttpRequest, pk: int) -> HttpResponse:
    """One response: answers, words, whom they judge, and how its score came about."""
    row = guard.get_or_404(sheet.loaded(Response.objects.all()), request, pk=pk)
    departments = departments_seen(request.user, row.store_id)
    may_exclude = policy.allows(request.user, "satisfaction.exclude", row.store_id) and row.excluded_at is None
    context = {
        "response": row,
        "factors": sheet.factors(row, departments),
        "extras": sheet.extras(row, departments),
        "sum": sheet.index_sum(row) if departments is None else None,
        "facts": sheet.facts(row),
        "may_exclude": may_exclude and row.is_valid,
        "may_include": policy.allows(request.user, "satisfaction.exclude", row.store_id)
        and row.excluded_at is not None,
        "lacks": lack_words(row) if row.version.questionnaire.is_scored and not row.is_valid else [],
        "departments": named_departments(departments),
        "shows_decision": _is_low(row, departments),
        "back": _list_of(row),
    }
    return render(request, "satisfaction/response.html", context)


def _is_low(row: Response, departments: Collection[str] | None) -> bool:
    """Whether an answer that the reader sees is low; a decision on others' answers is not for a head."""
    if departments is None or not row.low_count:
        return bool(row.low_count)
    return row.answers.filter(is_low=True, department__in=departments).exists()


def _list_of(row: Response) -> str:
    """The list of the month and kind to which a response belongs, where its kind has one."""
    kind = row.version.questionnaire.kind
    if kind not in KINDS:
        return reverse("satisfaction:dashboard")
    return f"{reverse('satisfaction:responses')}?{urlencode({'month': month_of(row.called_on), 'kind': kind})}"


@require_POST
@guard.needs("satisfaction.exclude")
def exclude(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a response out of every score, with a reason."""
    row = guard.get_or_404(Response.objects, request, pk=pk)
    guard.require(request, "satisfaction.exclude", row)
    by = guard.acting(request, row.store_id)
    try:
        actions.exclude_response(row.pk, reason=_sent_reason(request), by=by, at=clock.now())
    except RuleBroken as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The response no longer counts in any score. It stays readable here."))
    return redirect("satisfaction:response", pk=row.pk)


def _sent_reason(request: HttpRequest) -> str:
    """The reason as typed, without a NUL, which PostgreSQL cannot hold."""
    return request.POST.get("reason", "").replace("\0", "")
