"""Customers' own words beside the scores: read by the filters of the scores, searched by words that are posted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard
from crm_site.core import clock, masking, paging
from satisfaction.models import Answer, Response
from satisfaction.queries import said as queries
from satisfaction.views import leads, sheet
from satisfaction.views.filters import department_words, filter_bar
from satisfaction.views.lens import Lens, lens_of

#: words are looked for in so many months at most; a longer span shows its last ones
LONGEST_SPAN = 3
#: words that may be looked for at once
MOST_TERMS = 5
PAGE = 30


@guard.needs("satisfaction.view")
@never_cache
def words(request: HttpRequest) -> HttpResponse:
    """What customers said, newest first. The words that are looked for come by POST and stand in no address."""
    lens = lens_of(request, clock.today())
    if not lens.kinds:
        raise Http404
    is_cut = lens.span > LONGEST_SPAN
    scope = lens.scope.during(lens.month.shift(1 - LONGEST_SPAN), lens.month) if is_cut else lens.scope
    scope = scope.having(low=True) if request.GET.get("low") else scope
    typed = request.POST.get("q", "").replace("\0", "").strip()[:60]
    terms = typed.split()[:MOST_TERMS]
    rows = queries.responses(scope, terms)
    cursor = request.POST.get("page", "") if typed else request.GET.get("page", "")
    page = paging.paginate(queries.with_said(rows, scope, terms), order=["-called_on"], cursor=cursor, size=PAGE)
    context = {
        "lens": lens,
        "typed": typed,
        "rows": [_line(row, terms) for row in page],
        "page": page,
        "total": paging.capped_count(rows, 1000),
        "bar": _bar(request, lens),
        "departments": department_words(lens),
        "is_cut": is_cut,
        "first_month": str(scope.month),
        "shows_index": lens.scope.get("departments") is None,
        "shows_store": len(lens.scope.stores) > 1,
        "tabs": leads.tabs(request, "words"),
    }
    return render(request, "satisfaction/words.html", context)


def _bar(request: HttpRequest, lens: Lens) -> dict[str, Any]:
    """The filters of the scores, and whether only low answers are read."""
    bar = filter_bar(lens, request.path, low=request.GET.get("low", ""))
    choice = {
        "name": "low",
        "label": _("Which answers"),
        "value": "1" if request.GET.get("low") else "",
        "options": [("", _("All words")), ("1", _("Low answers only"))],
    }
    hidden = [(name, value) for name, value in bar["hidden"] if name != "low"]
    return {**bar, "fields": [*bar["fields"], choice], "hidden": hidden}


def _line(row: Response, terms: list[str]) -> dict[str, Any]:
    return {"response": row, "said": [_said(row, answer, terms) for answer in row.said]}  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Part:
    """A piece of what was said; found: it is one of the words looked for."""

    text: str
    found: bool


def _said(row: Response, answer: Answer, terms: list[str]) -> dict[str, Any]:
    """One answer: its question, what was answered, the words in pieces, and whose work they judge."""
    raw = sheet.raw_words(row.version, answer.question.kind, answer) if answer.value is not None else ""
    return {
        "label": answer.question.label,
        "raw": raw,
        "is_low": answer.is_low,
        "parts": parts(" ".join(filter(None, [answer.reason, answer.text])), terms),
        "judges": sheet.judged_words(answer),
    }


def parts(text: str, terms: list[str]) -> list[Part]:
    """The words with numbers hidden, cut where one of the terms stands."""
    shown = masking.words(text)
    if not terms:
        return [Part(shown, found=False)]
    pattern = re.compile("(" + "|".join(re.escape(term) for term in terms) + ")", re.IGNORECASE)
    return [Part(piece, found=index % 2 == 1) for index, piece in enumerate(pattern.split(shown)) if piece]
