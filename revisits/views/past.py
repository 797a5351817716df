"""The list of past calls, as old lists tell them: who called whom and what was said; who imported it stands apart."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm_site.accounts import guard, policy
from crm_site.core import paging
from revisits.lines import past_line
from revisits.models import CallResult, PastCall
from revisits.views import choices

#: whether the archive knows the customer
KNOWN, UNKNOWN = "yes", "no"


@guard.needs("revisits.view")
def past(request: HttpRequest) -> HttpResponse:
    """Past calls of the user's stores, newest first; filters by month, result and whether the archive knows whom."""
    known = _seen(request)
    rows = _narrowed(known, request)
    page = paging.paginate(rows, order=["-called_on"], cursor=request.GET.get("after", ""))
    stores = policy.stores_allowing(request.user, "revisits.view")
    context = {
        "lines": [past_line(call) for call in page],
        "page": page,
        "count": paging.capped_count(rows),
        "fields": _fields(request, known),
        "may_import": policy.allows(request.user, "imports.run"),
        "shows_store": len(stores) > 1,
    }
    return render(request, "revisits/past.html", context)


def _seen(request: HttpRequest) -> QuerySet[PastCall]:
    """What this user may see; calls to restricted customers only with the right to restrict."""
    may_see = Q(customer=None) | Q(customer__restricted=False)
    may_see |= Q(store_id__in=policy.stores_allowing(request.user, "customers.restrict"))
    return (
        PastCall.objects.visible_to(request.user)
        .filter(may_see)
        .select_related(
            "store", "customer", "vehicle", "result", "by", "batch__file", "batch__applied_by", "batch__uploaded_by"
        )
    )


def _narrowed(rows: QuerySet[PastCall], request: HttpRequest) -> QuerySet[PastCall]:
    asked = request.GET
    if asked.get("result"):
        rows = rows.filter(result__code=asked["result"])
    if asked.get("known") in (KNOWN, UNKNOWN):
        rows = rows.filter(customer__isnull=asked["known"] == UNKNOWN)
    month = choices.month(request)
    return rows.filter(called_on__gte=month.start, called_on__lt=month.end) if month else rows


def _fields(request: HttpRequest, calls: QuerySet[PastCall]) -> list[dict[str, Any]]:
    """The filter bar; the months are those that have calls."""
    months = [f"{day:%Y-%m}" for day in calls.order_by().dates("called_on", "month", order="DESC")]
    results = {row.code: row.label for row in CallResult.objects.filter(store=None)}
    cards = [("", _("With and without a card")), (KNOWN, _("Customer in the archive")), (UNKNOWN, _("Without a card"))]
    return [
        {
            "name": "month",
            "label": _("Month of the call"),
            "value": request.GET.get("month", ""),
            "options": [("", _("All months")), *((month, month) for month in months)],
        },
        {
            "name": "result",
            "label": _("Call result"),
            "value": request.GET.get("result", ""),
            "options": [("", _("All results")), *results.items()],
        },
        {"name": "known", "label": _("Customer"), "value": request.GET.get("known", ""), "options": cards},
    ]
