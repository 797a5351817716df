"""Lists of customers by class: who moved in a month, who is at risk or lost, whom to win back, who fell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard, policy
from crm_site.accounts.places import Place, place_of
from crm_site.core import clock, paging
from crm_site.core.dates import Month, month_of, parse_month
from crm_site.core.errors import RuleBroken
from crm_site.core.urls import with_query
from customers import class_wording as wording
from customers import classed
from customers.care import pages
from customers.classing import numbers_of
from customers.models import Customer, DefectionType, Lifecycle
from customers.rules.definitions import LIFECYCLE, LOYALTY, VALUE
from customers.views.lists import line, with_numbers_and_cars

CAPABILITY = "customers.classes"
#: how many of last year's top customers are looked at, and by how much less they must bring
TOPS, FALLS = (50, 100, 200, 500), (10, 30, 50, 80)
#: within how many years somebody was lost
LOST_YEARS = (1, 2, 3)
MONTHS = 24


# ---- who moved -------------------------------------------------------------------------------------------------------


@guard.needs(CAPABILITY)
@never_cache
def moves(request: HttpRequest) -> HttpResponse:
    """Who moved from which class to which in one month: a table of all moves, and the list behind each figure."""
    place, today = place_of(request, CAPABILITY), clock.today()
    scheme, month = _scheme(request), _month(request, today)
    rows = classed.moves(request.user, place.store.pk, scheme, month)
    found = classed.matrix(rows)
    before, after = request.GET.get("before"), request.GET.get("after")
    listed = rows
    if before is not None and after is not None:
        listed = rows.filter(before="" if before == "-" else before, after="" if after == "-" else after)
    page = paging.paginate(listed.select_related("customer"), order=["-changed_on"], cursor=_after(request))
    numbers = numbers_of(place.store_id)
    context = {
        **_frame(request, place, "moves"),
        "fields": [*place.fields, _scheme_field(scheme), _month_field(month, today)],
        "columns": [_("From"), *(_name(scheme, code) for code in _codes(scheme))],
        "matrix": _matrix_rows(request, scheme, found),
        "total": sum(found.values()),
        "lines": [
            {"change": one, "why": wording.reason(scheme, one.because, numbers)} for one in page
        ],
        "is_narrowed": before is not None and after is not None,
        "clear_url": with_query(request, before=None, after=None, at=None),
        **_steps(request, page),
    }  # fmt: skip
    return render(request, "customers/classing/moves.html", context)


def _codes(scheme: str) -> list[str]:
    return [*wording.CLASSES[scheme].values, ""]


def _name(scheme: str, code: str) -> str:
    return wording.word(scheme, code) if code else _("Not classed")


def _matrix_rows(request: HttpRequest, scheme: str, found: dict[tuple[str, str], int]) -> list[dict[str, Any]]:
    """A row for each class that somebody left, a column for each class that they came to."""
    rows = []
    for before in _codes(scheme):
        cells = []
        for after in _codes(scheme):
            number = found.get((before, after), 0)
            url = with_query(request, before=before or "-", after=after or "-", at=None) if number else ""
            cells.append({"text": str(number) if number else "–", "url": url})
        if any(cell["url"] for cell in cells):
            rows.append({"label": _name(scheme, before), "cells": cells})
    return rows


def _scheme(request: HttpRequest) -> str:
    asked = request.GET.get("scheme", "")
    return asked if asked in wording.SCHEMES else VALUE


def _scheme_field(scheme: str) -> dict[str, Any]:
    options = [(code, wording.SCHEMES[code]) for code in (VALUE, LOYALTY, LIFECYCLE)]
    return {"name": "scheme", "label": _("Classes"), "value": scheme, "options": options}


def _month(request: HttpRequest, today: date) -> Month:
    try:
        return parse_month(request.GET.get("month", ""))
    except RuleBroken:
        return month_of(today)


def _month_field(month: Month, today: date) -> dict[str, Any]:
    offered = [month_of(today).shift(-back) for back in range(MONTHS)]
    options = [(str(one), str(one)) for one in dict.fromkeys([*offered, month])]
    return {"name": "month", "label": _("Month"), "value": str(month), "options": options}


# ---- at risk, lost, to win back --------------------------------------------------------------------------------------


@guard.needs(CAPABILITY)
@never_cache
def leaving(request: HttpRequest) -> HttpResponse:
    """Who is at risk or lost, the latest first, by which rule, and why as far as they told."""
    place = place_of(request, CAPABILITY)
    stage = request.GET.get("stage", "")
    stage = stage if stage in (Lifecycle.AT_RISK, Lifecycle.LOST) else Lifecycle.AT_RISK
    kind = request.GET.get("why", "")
    rows = _of_kind(classed.leaving(request.user, place.store.pk, stage), kind)
    stages = [(one.value, one.label) for one in (Lifecycle.AT_RISK, Lifecycle.LOST)]
    context = {
        **_frame(request, place, "leaving"),
        "fields": [
            *place.fields,
            {"name": "stage", "label": _("Lifecycle"), "value": stage, "options": stages},
            _kind_field(kind),
        ],
        **_people(request, place, rows),
        "is_lost": stage == Lifecycle.LOST,
    }
    return render(request, "customers/classing/leaving.html", context)


@guard.needs(CAPABILITY)
@never_cache
def winback(request: HttpRequest) -> HttpResponse:
    """Important customers (gold or A at the end of one of the last three years) who were lost lately, and why."""
    place, today = place_of(request, CAPABILITY), clock.today()
    asked, kind = request.GET.get("years", ""), request.GET.get("why", "")
    years = int(asked) if asked in map(str, LOST_YEARS) else 2
    rows = _of_kind(classed.lost_important(request.user, place.store.pk, today, years), kind)
    words = [(str(one), ngettext("lost within %(n)d year", "lost within %(n)d years", one) % {"n": one})
             for one in LOST_YEARS]  # fmt: skip
    context = {
        **_frame(request, place, "winback"),
        "fields": [
            *place.fields,
            {"name": "years", "label": _("Lost within"), "value": years, "options": words},
            _kind_field(kind),
        ],
        **_people(request, place, rows, classed.with_best(rows, today)),
    }
    return render(request, "customers/classing/winback.html", context)


def _of_kind(rows: QuerySet[Customer], kind: str) -> QuerySet[Customer]:
    if kind in DefectionType.values:
        return rows.filter(defection_type=kind)
    return rows.filter(defection_told_on=None) if kind == "-" else rows


def _kind_field(kind: str) -> dict[str, Any]:
    options = [("", _("Any reason")), *DefectionType.choices, ("-", _("Nothing told"))]
    return {"name": "why", "label": _("Why they leave"), "value": kind, "options": options}


def _people(
    request: HttpRequest, place: Place, rows: QuerySet[Customer], shown: QuerySet[Customer] | None = None
) -> dict[str, Any]:
    """One page of customers with numbers, cars and reasons, the latest to move first; `shown` has more columns."""
    page = paging.paginate(
        with_numbers_and_cars((rows if shown is None else shown).select_related("store")),
        order=["-lifecycle_since"],
        cursor=_after(request),
    )
    numbers = numbers_of(place.store_id)
    return {
        "lines": [_person(customer, numbers) for customer in page],
        "count": paging.capped_count(rows),
        **_steps(request, page),
    }


def _person(customer: Any, numbers: dict[str, dict[str, int]]) -> dict[str, Any]:
    return {
        **line(customer),
        "value": customer.get_value_class_display(),
        "stage": customer.get_lifecycle_display(),
        "kind": wording.KINDS.get(customer.lifecycle, "line"),
        "why": wording.reason(LIFECYCLE, customer.lifecycle_because, numbers),
        "told": wording.leaving(customer.defection_type, customer.defection_reason),
        "best": getattr(customer, "best", None),
    }


# ---- who fell --------------------------------------------------------------------------------------------------------


@guard.needs(CAPABILITY)
@never_cache
def fallen(request: HttpRequest) -> HttpResponse:
    """Of last year's top customers those who bring less this year, against the same stretch of last year."""
    place, today = place_of(request, CAPABILITY), clock.today()
    top, fell = _choice(request, "top", TOPS, 100), _choice(request, "fell", FALLS, 30)
    found = classed.fallen(request.user, place.store.pk, today, top, fell)
    shown = _slice(request, len(found))
    people = with_numbers_and_cars(Customer.objects.filter(pk__in=[one.customer.pk for one in found[shown]]))
    known = {customer.pk: line(customer) for customer in people.select_related("store")}
    context = {
        **_frame(request, place, "fallen"),
        "fields": [
            *place.fields,
            {"name": "top", "label": _("Looked at"), "value": top,
             "options": [(n, _("first %(n)d") % {"n": n}) for n in TOPS]},
            {"name": "fell", "label": _("Less by"), "value": fell,
             "options": [(n, _("at least %(n)d%% less") % {"n": n}) for n in FALLS]},
        ],
        "lines": [{"found": one, **known[one.customer.pk]} for one in found[shown]],
        "count": len(found),
        "top": top,
        "year": today.year,
        "before": today.year - 1,
        "today": today,
        "next_url": with_query(request, page=shown.stop // SIZE + 1) if shown.stop < len(found) else "",
        "previous_url": with_query(request, page=shown.start // SIZE) if shown.start else "",
    }  # fmt: skip
    return render(request, "customers/classing/fallen.html", context)


SIZE = 50


def _slice(request: HttpRequest, count: int) -> slice:
    """The rows of the page that is asked for; there are at most a few hundred."""
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isdecimal() and len(asked) < 4 else 1
    last = max(1, -(-count // SIZE))
    number = min(max(number, 1), last)
    return slice((number - 1) * SIZE, min(number * SIZE, count) if count else SIZE)


def _choice(request: HttpRequest, name: str, offered: Iterable[int], usual: int) -> int:
    asked = request.GET.get(name, "")
    return int(asked) if asked in map(str, offered) else usual


# ---- what they have in common ----------------------------------------------------------------------------------------


def _frame(request: HttpRequest, place: Place, here: str) -> dict[str, Any]:
    """The tabs and the place, which every page of this group shows."""
    return {
        "place": place,
        "tabs": pages.tabs(request.user, here),
        "may_edit": policy.allows(request.user, "customers.edit", place.store_id),
    }


def _after(request: HttpRequest) -> str:
    return request.GET.get("at", "")


def _steps(request: HttpRequest, page: paging.Page) -> dict[str, str]:
    return {
        "next_url": with_query(request, at=page.next) if page.next else "",
        "previous_url": with_query(request, at=page.previous) if page.previous else "",
    }
