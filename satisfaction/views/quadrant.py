"""Items by performance and importance: what to keep, what to fix first, what can wait; below it items × months."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.accounts import guard, policy
from crm_site.accounts.views import saved_views
from crm_site.core import clock, formats
from satisfaction import queries
from satisfaction.queries.importance import SAMPLE, pairs_by_item
from satisfaction.rules import quadrant as rules
from satisfaction.shown import Shown
from satisfaction.views import board, tabs
from satisfaction.views.coverage import chain_of
from satisfaction.views.filters import department_words, filter_bar
from satisfaction.views.heat import month_labels, waiting_rows
from satisfaction.views.lens import Lens, lens_of
from satisfaction.views.waiting import waiting_for

#: field -> (its name, what to do)
FIELD_WORDS: dict[str, tuple[str | Promise, str | Promise]] = {
    rules.FIRST: (gettext_lazy("Improve first"), gettext_lazy("important and below the mean")),
    rules.STRENGTH: (gettext_lazy("Strengths"), gettext_lazy("important and above the mean: keep")),
    rules.LATER: (gettext_lazy("Improve later"), gettext_lazy("less important and below the mean")),
    rules.HOLD: (gettext_lazy("Hold"), gettext_lazy("less important and above the mean")),
}


@guard.needs("satisfaction.view")
def items(request: HttpRequest) -> HttpResponse:
    """The four fields of a period, and the items' year; the picture is drawn from the same points."""
    lens = lens_of(request, clock.today())
    if not lens.kinds:
        return render(request, "satisfaction/no_department.html", {"lens": lens})
    lens = lens.without("factor", "question")
    waiting = waiting_for(request, lens)
    context = {
        "lens": lens,
        "bar": filter_bar(lens, request.path),
        "menu": saved_views.menu(request, "satisfaction:items", store_id=lens.scope.get("store")),
        "departments": department_words(lens),
        "tabs": tabs.tabs_of(lens, tabs.ITEMS),
        "chain": chain_of(request, lens),
        "may_measure": policy.allows(request.user, "satisfaction.measures"),
        **({"waiting": waiting} if waiting else _figures(lens, getattr(request.user, "theme", "light"))),
    }
    return render(request, "satisfaction/items_page.html", context)


def quadrant_of(lens: Lens) -> rules.Quadrant | None:
    """The items of the lens in their fields; None where too few have enough answers."""
    means = board.items_of(lens).now
    pairs = pairs_by_item(lens.scope)
    candidates = [
        rules.Candidate(code, question.label, means.get(code, board.NOTHING), question.weight, pairs.get(code))
        for line in queries.tree_of(lens.scope)
        for code, question in line.items.items()
        if code in means
    ]
    return rules.quadrant_of(candidates)


def said(found: rules.Quadrant | None) -> str:
    """What to improve first and what is strong, in words with the scores: what the picture says."""
    if found is None:
        return _("Too few items have enough answers.")
    parts = []
    for field in (rules.FIRST, rules.STRENGTH):
        points = [f"{one.label} {formats.score(one.mean)}" for one in found.of(field)]
        parts.append(f"{FIELD_WORDS[field][0]}: {_(', ').join(points) or formats.EMPTY}")
    return _("; ").join(parts)


def _figures(lens: Lens, theme: str) -> dict[str, Any]:
    found = quadrant_of(lens)
    return {
        "chart": board.pictures(lens, "quadrant", theme),
        "alt": said(found),
        "quadrant": found,
        "method": _method(found) if found else "",
        "fields": _fields(lens, found) if found else [],
        "heat": waiting_rows(lens, queries.tree_of(lens.year), board.items_of(lens).now),
        "heat_url": lens.url("heat"),
        "months": month_labels(lens),
    }


def _method(found: rules.Quadrant) -> str:
    """How importance was found, in words."""
    if found.method == rules.CORRELATION:
        return _(
            "Importance: how closely the answers go with the overall satisfaction of the same responses (correlation, "
            "at least 30 of them, the newest %(most)s). The fields part at the mean of the items shown."
        ) % {"most": formats.number(SAMPLE)}
    return _(
        "Importance: the item's weight, as too few responses have both answers for a correlation. The fields part at "
        "the mean of the items shown."
    )


def _fields(lens: Lens, found: rules.Quadrant) -> list[dict[str, Any]]:
    places = 2 if found.method == rules.CORRELATION else 0
    return [
        {
            "code": field,
            "label": FIELD_WORDS[field][0],
            "note": FIELD_WORDS[field][1],
            "is_weak": field in (rules.FIRST, rules.LATER),
            "rows": [
                {
                    "label": point.label,
                    "code": point.code,
                    "item_url": lens.url("item", point.code),
                    "shown": Shown("item", point.whole, lens.list_url(question=point.code)),
                    "importance": formats.number(point.importance, places),
                }
                for point in found.of(field)
            ],
        }
        for field in rules.FIELDS
    ]
