"""Alerts: what fell beyond chance, the list behind it, a measure to begin, and who has taken note."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Case, IntegerField, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.core import clock, paging
from crm_site.core.dates import Month, month_of, parse_month
from crm_site.core.errors import RuleBroken
from satisfaction import actions, labels
from satisfaction.models import Alert
from satisfaction.views import leads

#: how many months back one may look
MONTHS_BACK = 12
Subject = Alert.Subject
#: those that nobody has answered come first
_SEEN = Case(When(seen_at=None, then=0), default=1, output_field=IntegerField())
#: subject -> the filter by which its list is asked for
FILTER = {
    Subject.FACTOR: "factor",
    Subject.ITEM: "question",
    Subject.EMPLOYEE: "employee",
    Subject.DEPARTMENT: "department",
}


@guard.needs("satisfaction.view")
def alerts(request: HttpRequest) -> HttpResponse:
    """Alerts that nobody has answered, or all of one month; a head sees those of his departments."""
    month = _month(request)
    stores = policy.stores_allowing(request.user, "satisfaction.view")
    rows = Alert.objects.visible_to(request.user).filter(store_id__in=stores)
    rows = rows.filter(month=month.start) if month else rows.unseen()
    page = paging.paginate(
        rows.select_related("store", "seen_by").annotate(is_seen=_SEEN),
        order=["is_seen", "-found_at"],
        cursor=request.GET.get("page", ""),
    )
    named = labels.Labels.of(stores, page)
    may_measure = policy.allows(request.user, "satisfaction.measures")
    context = {
        "page": page,
        "rows": [_line(alert, named, may_measure=may_measure) for alert in page],
        "total": rows.count(),
        "month": month,
        "fields": [_months(month)],
        "may_measure": may_measure,
        "shows_store": len(stores) > 1,
        "tabs": leads.tabs(request, "alerts"),
    }
    return render(request, "satisfaction/alerts.html", context)


def _months(month: Month | None) -> dict[str, Any]:
    running = month_of(clock.today())
    newest = max(running, month or running)
    months = [newest.shift(-back) for back in range(MONTHS_BACK + 1)]
    options = [("", _("Not answered yet")), *((each, each) for each in months)]
    return {"name": "month", "label": _("Month"), "value": month or "", "options": options}


def _month(request: HttpRequest) -> Month | None:
    """The month that the address asks for; None for what is not answered, whatever its month."""
    if not request.GET.get("month"):
        return None
    try:
        return parse_month(request.GET["month"])
    except RuleBroken as unknown:
        raise Http404 from unknown


def _line(alert: Alert, named: labels.Labels, *, may_measure: bool) -> dict[str, Any]:
    return {
        "alert": alert,
        "what": named.of_alert(alert),
        "url": list_url(alert),
        "measure_url": measure_url(alert) if may_measure and alert.subject in (Subject.ITEM, Subject.FACTOR) else "",
    }


def list_url(alert: Alert) -> str:
    """The responses behind the figure of the month that fell."""
    query: dict[str, Any] = {"month": str(month_of(alert.month)), "kind": alert.kind, "store": alert.store_id}
    if alert.subject in FILTER:
        query[FILTER[Subject(alert.subject)]] = alert.code
    if alert.part:
        query["part"] = alert.part
    if alert.subject == Subject.NPS:
        query["figure"] = "nps"
    return f"{reverse('satisfaction:responses')}?{urlencode(query)}"


def measure_url(alert: Alert) -> str:
    """The form of a measure, with what fell as its cause and as what it is measured by."""
    metric = "item" if alert.subject == Subject.ITEM else "factor"
    query = {"metric": metric, "code": alert.code, "alert": alert.pk, "department": alert.department}
    return f"{reverse('satisfaction:measure_new')}?{urlencode({key: value for key, value in query.items() if value})}"


@require_POST
@guard.needs("satisfaction.measures")
def alert_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take note of an alert, with a word about what follows."""
    row = guard.get_or_404(Alert.objects, request, pk=pk)
    by = guard.acting(request, row.store_id)
    try:
        actions.take_note(row.pk, note=request.POST.get("note", ""), by=by, at=clock.now())
    except RuleBroken as refused:
        messages.warning(request, refused.message)
    else:
        messages.success(request, _("Noted. The alert stays on the list of its month."))
    return redirect(f"{reverse('satisfaction:alerts')}?{urlencode({'month': str(month_of(row.month))})}")
