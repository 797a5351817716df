"""What does not count in the scores and why: responses taken out, responses that are not valid; putting one back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.core import clock, formats, paging
from crm_site.core.dates import Month, month_of, months_between, parse_month
from crm_site.core.errors import RuleBroken
from satisfaction import actions
from satisfaction.models import Response
from satisfaction.queries import integrity
from satisfaction.rules.validity import LITTLE_ANSWERED, LITTLE_APPLIES, Lack

EXCLUDED, INVALID = "excluded", "invalid"
ROWS = {EXCLUDED: integrity.excluded, INVALID: integrity.invalid}
MONTHS_BACK = 24


@guard.needs("satisfaction.not_counted")
def not_counted(request: HttpRequest) -> HttpResponse:
    """The responses of a month that are in no score, with why."""
    stores = policy.stores_allowing(request.user, "satisfaction.not_counted")
    what, month = request.GET.get("what", EXCLUDED), _month(request)
    if what not in ROWS:
        raise Http404
    rows = ROWS[what](stores, month)
    page = paging.paginate(_loaded(rows, what), order=["-called_on"], cursor=request.GET.get("page", ""))
    context = {
        "month": month,
        "what": what,
        "tabs": _tabs(stores, month, what),
        "fields": [_month_field(month)],
        "hidden": [("what", what)],
        "lines": _lines(page, what),
        "page": page,
        "total": paging.capped_count(rows),
        "many_stores": len(stores) > 1,
    }
    return render(request, "satisfaction/not_counted.html", context)


def _loaded(rows: Any, what: str) -> Any:
    return integrity.with_answers(rows) if what == INVALID else rows


def _lines(page: paging.Page, what: str) -> list[dict[str, Any]]:
    """Each response with the reasons in words."""
    if what == INVALID:
        return [{"row": row, "reasons": lack_words(row)} for row in page]
    who = integrity.who_excluded(page)
    return [{"row": row, "reasons": [row.excluded_reason], "who": who.get(row.pk, "")} for row in page]


def lack_words(row: Response) -> list[str]:
    """Why a response is not valid, in sentences; needs rows of `integrity.with_answers`."""
    labels = {question.code: question.label for question in row.version.questions.all()}
    return [_words(lack, row, labels) for lack in integrity.why_invalid(row)]


def _words(lack: Lack, row: Response, labels: dict[str, str]) -> str:
    numbers = {
        "found": formats.number(lack.found),
        "wanted": formats.number(lack.wanted),
        "applies": formats.number(row.applicable_weight),
    }
    if lack.code == LITTLE_APPLIES:
        return _("Only %(found)s of the weight applies to this customer; it takes %(wanted)s.") % numbers
    if lack.code == LITTLE_ANSWERED:
        return _("Answered weight %(found)s of %(applies)s that apply; it takes %(wanted)s (60 %%).") % numbers
    return _("Needed and not answered: %(questions)s.") % {
        "questions": ", ".join(str(labels.get(code, code)) for code in lack.questions)
    }


def _tabs(stores: list[int], month: Month, what: str) -> list[dict[str, Any]]:
    words = {EXCLUDED: _("Taken out of the scores"), INVALID: _("Not valid")}
    path = reverse("satisfaction:not_counted")
    return [
        {
            "label": word,
            "url": f"{path}?{urlencode({'month': month, 'what': code})}",
            "count": ROWS[code](stores, month).count(),
            "current": code == what,
        }
        for code, word in words.items()
    ]


def _month(request: HttpRequest) -> Month:
    written = request.GET.get("month")
    if not written:
        return month_of(clock.today())
    try:
        return parse_month(written)
    except RuleBroken as unknown:
        raise Http404 from unknown


def _month_field(month: Month) -> dict[str, Any]:
    newest = max(month_of(clock.today()), month)
    months = list(months_between(min(newest.shift(-MONTHS_BACK), month), newest))[::-1]
    return {"name": "month", "label": _("Month"), "value": month, "options": [(one, one) for one in months]}


@require_POST
@guard.needs("satisfaction.exclude")
def include(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a response back into the scores, with a reason."""
    row = guard.get_or_404(Response.objects, request, pk=pk)
    guard.require(request, "satisfaction.exclude", row)
    by = guard.acting(request, row.store_id)
    reason = request.POST.get("reason", "").replace("\0", "")
    try:
        actions.include_response(row.pk, reason=reason, by=by, at=clock.now())
    except RuleBroken as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The response counts in the scores of its month again."))
    return redirect("satisfaction:response", pk=row.pk)
