"""One item: its score over twelve months, the measures about it with their dates, and what customers said."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import guard, policy
from crm_site.core import clock
from crm_site.core.dates import Month, month_of
from satisfaction import queries
from satisfaction.models import Answer, ImprovementMeasure
from satisfaction.shown import Shown
from satisfaction.views import board
from satisfaction.views.filters import department_words
from satisfaction.views.lens import Lens, lens_of

#: how many of the newest low answers are read out here; the words' own page has all
FEW_WORDS = 8
Measures = list[ImprovementMeasure]


@guard.needs("satisfaction.view")
def item(request: HttpRequest, code: str) -> HttpResponse:
    """An item of the kind that the address names; 404 for one that no tree of it knows, or out of a head's reach."""
    lens = lens_of(request, clock.today())
    question = next((line.items[code] for line in queries.tree_of(lens.scope, every=True) if code in line.items), None)
    if question is None:
        raise Http404
    own = Lens(lens.scope.having(question=code), lens.kinds, lens.today)
    measures = _measures(request, lens, code)
    mean = queries.INDEX.of(own.scope)
    context = {
        "lens": lens,
        "question": question,
        "departments": department_words(lens),
        "shown": Shown("item", mean, own.list_url(), is_provisional=lens.is_running),
        "url": own.list_url(),
        "columns": [_("Month"), _("Mean"), _("95%% interval") % {}, "n", _("Measures")],
        "rows": _months(own, queries.by_month(own.year), measures),
        "chart": board.pictures(lens, "trend", getattr(request.user, "theme", "light"), question=code),
        "measures": measures,
        "words": _words(own, code),
        "words_url": own.url("words", low=1),
        "measure_url": _measure_url(code) if policy.allows(request.user, "satisfaction.measures") else "",
        "today": lens.today,
    }
    return render(request, "satisfaction/item.html", context)


def _measure_url(code: str) -> str:
    return f"{reverse('satisfaction:measure_new')}?{urlencode({'metric': 'item', 'code': code})}"


def _measures(request: HttpRequest, lens: Lens, code: str) -> Measures:
    """The measures of the stores looked at that are about the item, newest first."""
    rows = ImprovementMeasure.objects.visible_to(request.user).filter(store_id__in=lens.scope.stores)
    rows = rows.filter(metric=ImprovementMeasure.Metric.ITEM, metric_code=code)
    return list(rows.select_related("responsible").order_by("-created_at", "-pk"))


def _months(lens: Lens, year: dict[Month, Any], measures: Measures) -> list[dict[str, Any]]:
    """The months with the mean, and in each what was begun and done."""
    shown = board.trend_rows(lens, year)
    for month, row in zip(board.months_of(lens), shown, strict=True):
        row["cells"].append({"text": _events(month, measures)})
    return shown


def _events(month: Month, measures: Measures) -> str:
    """What happened to the measures in a month: 09-03 begun, 09-20 done."""
    found = []
    for one in measures:
        begun = clock.business_day(one.created_at)
        if month_of(begun) == month:
            found.append(_("%(day)s begun") % {"day": f"{begun:%m-%d}"})
        if one.done_on and month_of(one.done_on) == month:
            found.append(_("%(day)s done") % {"day": f"{one.done_on:%m-%d}"})
    return ", ".join(found)


def _words(lens: Lens, code: str) -> list[Answer]:
    """The newest low answers of the period to this item."""
    rows = queries.LOW.rows(lens.scope).order_by("-called_on", "-pk")
    low = Answer.objects.filter(response__in=list(rows.values_list("pk", flat=True)[:FEW_WORDS]), is_low=True)
    return list(low.filter(question__code=code).select_related("response").order_by("-response__called_on", "-pk"))
