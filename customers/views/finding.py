"""The search box: what it suggests while somebody writes, and the page of what it has found."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts import policy
from crm_site.accounts.guard import needs
from customers import rules, search
from customers.views.lists import line, numbers_and_cars

LONGEST = 60
#: rows under the box while somebody writes
SUGGESTED = 8

#: why a search met somebody
WHY = {
    rules.NAME: gettext_lazy("Name"),
    rules.PINYIN: gettext_lazy("Pinyin"),
    rules.INITIALS: gettext_lazy("Initials"),
    rules.PHONE: gettext_lazy("Phone"),
    rules.PLATE: gettext_lazy("Plate"),
    rules.VIN: gettext_lazy("VIN"),
    rules.NUMBER: gettext_lazy("Customer number"),
}
#: kinds of words of which a whole one names somebody, so that their card may open at once
NAMING = frozenset({rules.PHONE, rules.PLATE, rules.VIN, rules.NUMBER})


@needs("customers.view")
@never_cache
def find(request: HttpRequest) -> HttpResponse:
    """What the search box finds; exactly one hit opens its card. The words come by POST and stand in no address."""
    typed = _typed(request)
    hits, others = search.find(request.user, typed), search.others(request.user, typed)
    if only := _only(hits, others):
        return redirect(only)
    _dress(hits)
    context = {
        "typed": typed,
        "rows": [
            {**line(hit.customer), "why": WHY[hit.kind], "through": _through(hit), "is_former": hit.is_former}
            for hit in hits
        ],
        "groups": _grouped(others),
        "is_cut": len(hits) >= search.LIMIT,
        "may_edit": policy.allows(request.user, "customers.edit"),
        "many_stores": len(policy.stores_allowing(request.user, "customers.view")) > 1,
    }
    return render(request, "customers/found.html", context)


@require_POST
@needs("customers.view")
@never_cache
def suggest(request: HttpRequest) -> HttpResponse:
    """The first hits as links under the box."""
    typed = _typed(request)
    hits = search.find(request.user, typed, limit=SUGGESTED)
    _dress(hits)
    context = {
        "typed": typed,
        "rows": [{**line(hit.customer), "hit": hit, "why": WHY[hit.kind], "through": _through(hit)} for hit in hits],
        "others": search.others(request.user, typed)[:SUGGESTED],
        "is_cut": len(hits) >= SUGGESTED,
        "many_stores": len(policy.stores_allowing(request.user, "customers.view")) > 1,
    }
    return render(request, "customers/suggested.html", context)


def _dress(hits: list[search.Hit]) -> None:
    """Read the numbers and cars of the customers found."""
    prefetch_related_objects([hit.customer for hit in hits], *numbers_and_cars())


def _typed(request: HttpRequest) -> str:
    return request.POST.get("q", "").replace("\0", "").strip()[:LONGEST]


def _only(hits: list[search.Hit], others: list[search.Find]) -> str:
    """Where to go at once: to the only find, or to the only card that a whole number, plate or VIN names; else ''."""
    if others:
        return others[0].url if len(others) == 1 and not hits else ""
    named = [hit for hit in hits if hit.is_whole and hit.kind in NAMING]
    only = named if len(named) == 1 else hits
    return reverse("customers:card", args=[only[0].customer.pk]) if len(only) == 1 else ""


def _through(hit: search.Hit) -> str:
    """What led to somebody: the number as far as it was typed, or the car."""
    return hit.through or (str(hit.vehicle) if hit.vehicle else "")


def _grouped(others: list[search.Find]) -> list[dict[str, Any]]:
    """What other rooms found, by what it is."""
    return [
        {"title": kind, "rows": list(rows)}
        for kind, rows in groupby(sorted(others, key=lambda one: str(one.kind)), key=lambda one: str(one.kind))
    ]
