"""The list behind a figure, one response with its arithmetic, and taking one out of the scores."""

from __future__ import annotations

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
from crm_site.accounts.models import Employee
from crm_site.core import clock, paging
from crm_site.core.dates import month_of
from crm_site.core.errors import RuleBroken
from crm_site.core.figures import Figure, Scope
from satisfaction import actions, queries
from satisfaction.models import Answer, Response
from satisfaction.views import sheet
from satisfaction.views.board import PART_WORDS
from satisfaction.views.filters import department_words, filter_fields
from satisfaction.views.lens import KINDS, Lens, lens_of

ORDER = ["-called_on"]


@guard.needs("satisfaction.view")
def responses(request: HttpRequest) -> HttpResponse:
    """The responses from which one figure follows; filters are codes and ids of the address."""
    lens = lens_of(request, clock.today())
    if not lens.kinds:
        raise Http404
    asked = _asked(request, lens)
    rows = asked.figure.rows(asked.scope)
    page = paging.paginate(_loaded(rows, lens), order=ORDER, cursor=request.GET.get("page", ""))
    context = {
        "lens": lens,
        "figure": asked.figure,
        "heading": asked.heading,
        "points_label": asked.points_label,
        "shows_index": asked.points_label != _("Index"),
        "places": 0 if asked.figure.code in ("very_satisfied", "nps") else 1,  # those count raw answers
        "value": asked.figure.of(asked.scope),
        "chips": asked.chips,
        "fields": filter_fields(lens),
        "hidden": asked.hidden + lens.hidden,
        "departments": department_words(lens),
        "page": page,
        "total": paging.capped_count(rows),
        "back": lens.url("dashboard"),
    }
    return render(request, "satisfaction/responses.html", context)


@dataclass(frozen=True)
class Asked:
    """Which figure's rows, narrowed to what, and the chips that say so."""

    figure: Figure
    scope: Scope
    heading: str
    points_label: str
    chips: list[dict[str, str]]
    hidden: list[tuple[str, str]]


def _asked(request: HttpRequest, lens: Lens) -> Asked:
    """Read figure, factor, question, part and employee; 404 for a code or person that is not there to see."""
    figure = queries.FIGURES.get(request.GET.get("figure", "index"))
    if figure is None or (lens.departments is not None and figure.code not in ("index", "low")):
        raise Http404
    sent = {name: request.GET[name] for name in ("factor", "question", "part", "employee") if request.GET.get(name)}
    labels = {name: _label(name, value, lens) for name, value in sent.items()}
    filters: dict[str, Any] = {**sent}
    if "employee" in filters:
        filters["employee"] = int(filters["employee"])
    hidden = list(sent.items()) + ([("figure", figure.code)] if figure.code != "index" else [])
    chips = [
        {"label": label, "url": lens.list_url(figure=figure.code, **{k: v for k, v in sent.items() if k != name})}
        for name, label in labels.items()
    ]
    heading = labels.get("question") or labels.get("factor") or str(figure.label)
    points = heading if figure.code not in ("index", "low") or {"question", "factor"} & sent.keys() else _("Index")
    if "employee" in sent:
        points = labels["employee"]
    return Asked(figure, lens.scope.having(**filters), heading, points, chips, hidden)


def _label(name: str, value: str, lens: Lens) -> str:
    """What a filter's value is called; 404 where it is unknown or out of reach."""
    if name == "part":
        return _part(value)
    if name == "employee":
        return _employee(value, lens).name
    tree = queries.tree_of(lens.scope)
    labels = (
        {line.code: line.label for line in tree}
        if name == "factor"
        else {code: question.label for line in tree for code, question in line.items.items()}
    )
    if value not in labels:
        raise Http404
    return labels[value]


def _part(value: str) -> str:
    if value not in PART_WORDS:
        raise Http404
    return str(PART_WORDS[value])


def _employee(value: str, lens: Lens) -> Employee:
    """Somebody of the stores (and of a head's departments)."""
    people = Employee.objects.filter(store_id__in=lens.scope.stores)
    if lens.departments is not None:
        people = people.in_department(lens.departments, lens.scope.last)
    found = people.filter(pk=int(value)).first() if value.isdecimal() and len(value) < 19 else None
    if found is None:
        raise Http404
    return found


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
    lens = lens_of(request, clock.today())
    may_exclude = policy.allows(request.user, "satisfaction.exclude", row.store_id) and row.excluded_at is None
    context = {
        "response": row,
        "factors": sheet.factors(row, lens.departments),
        "extras": sheet.extras(row, lens.departments),
        "sum": sheet.index_sum(row) if lens.departments is None else None,
        "facts": sheet.facts(row),
        "may_exclude": may_exclude and row.is_valid,
        "departments": department_words(lens),
        "back": _list_of(row),
    }
    return render(request, "satisfaction/response.html", context)


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
