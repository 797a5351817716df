"""What the lists' filter bars offer: rules, owners, results, series, states, reasons, months; codes only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.core.dates import Month, month_of, months_between, parse_month
from crm_site.core.errors import RuleBroken
from crm_site.core.templatetags.hf import url_with as _url_with
from revisits.models import Revisit, RevisitRule, State
from revisits.queries import lists
from revisits.queries.lists import DueFilters
from revisits.queries.results import words_of
from revisits.rules.codes import Reason
from revisits.wording import reason_word

MONTHS = 12
#: how many months figures may be looked at as one
SPANS = (1, 3, 12)
SKIP_REASONS = (
    Reason.BEFORE_GO_LIVE,
    Reason.HISTORICAL,
    Reason.TOO_OLD,
    Reason.EXCLUDED_JOB_TYPE,
    Reason.EXCLUDED_SALE_TYPE,
    Reason.RETURNED,
    Reason.NOT_COVERED,
    Reason.BOOKED,
    Reason.WINDOW_OVER,
)


def url_with(request: HttpRequest, **changes: Any) -> str:
    """This page's address with some query values changed."""
    return _url_with(request, **changes)


def oldest_note(oldest: date | None, day: date) -> str:
    """By how much the oldest overdue call is late."""
    if oldest is None:
        return _("none")
    days = (day - oldest).days
    return ngettext("oldest by %(days)d day", "oldest by %(days)d days", days) % {"days": days}


def rules(value: str) -> dict[str, Any]:
    """The choice of a rule."""
    named = {rule.code: rule.label for rule in RevisitRule.objects.filter(store=None)}
    return {"name": "rule", "label": _("Rule"), "value": value, "options": [("", _("All rules")), *named.items()]}


def due_fields(whole: QuerySet[Revisit], filters: DueFilters, store_ids: Iterable[int]) -> list[dict[str, Any]]:
    """The filters of the due list; `store_ids` are the stores whose calls it may hold."""
    results = words_of(store_ids)
    owners = [
        ("", _("Everybody's")),
        ("me", _("Promised to me or in my hands")),
        ("desk", _("The desk's")),
        ("given", _("Given to me")),
        ("pool", _("Pool")),
        ("now", _("Can be called now")),
    ]
    fields = [
        rules(filters.rule),
        {"name": "owner", "label": _("Whose"), "value": filters.owner, "options": owners},
        {
            "name": "result",
            "label": _("Last result"),
            "value": filters.result,
            "options": [("", _("Last result: any")), ("none", _("Not called yet")), *results.items()],
        },
    ]
    series = lists.series_of(whole)
    if series:
        options = [("", _("All series")), *((name, name) for name in series)]
        fields.append({"name": "series", "label": _("Series"), "value": filters.series, "options": options})
    return fields


def month(request: HttpRequest) -> Month | None:
    """The month in the address; None for none or nonsense."""
    try:
        return parse_month(request.GET.get("month", ""))
    except RuleBroken:
        return None


def span(request: HttpRequest) -> int:
    """How many months up to the one in the address; 1 for none or nonsense."""
    written = request.GET.get("span", "")
    return int(written) if written in map(str, SPANS) else 1


def store(request: HttpRequest) -> int | None:
    """The one of the user's stores in the address; None for all of them, and for one that is not theirs."""
    stores = request.user.store_ids  # type: ignore[union-attr]
    return next((pk for pk in stores if str(pk) == request.GET.get("store", "")), None)


def stores(request: HttpRequest) -> list[dict[str, Any]]:
    """The choice of a store, where there are several."""
    rows = Store.objects.filter(pk__in=request.user.store_ids).order_by("code")  # type: ignore[union-attr]
    options = [("", _("All stores")), *((one.pk, one.short_name) for one in rows)]
    found = {"name": "store", "label": _("Store"), "value": store(request) or "", "options": options}
    return [found] if len(options) > 2 else []


def spans(request: HttpRequest) -> list[dict[str, Any]]:
    """The choice of how many months, where somebody came for more than one."""
    if span(request) == 1:
        return []
    words = {1: _("One month"), 3: _("Rolling 3 months"), 12: _("Twelve months")}
    return [{"name": "span", "label": _("How many months"), "value": span(request), "options": list(words.items())}]


def months(request: HttpRequest) -> dict[str, Any]:
    """The choice of a month."""
    newest = month_of(clock.today())
    found = [(str(one), str(one)) for one in months_between(newest.shift(-MONTHS), newest)][::-1]
    return {
        "name": "month",
        "label": _("Month of the fact"),
        "value": request.GET.get("month", ""),
        "options": [("", _("All months")), *found],
    }


def call_fields(request: HttpRequest) -> list[dict[str, Any]]:
    """The filters of the list of all calls."""
    states = [("", _("All states")), *State.choices]
    return [
        *stores(request),
        months(request),
        *spans(request),
        rules(request.GET.get("rule", "")),
        {"name": "state", "label": _("State"), "value": request.GET.get("state", ""), "options": states},
        {
            "name": "reason",
            "label": _("Reason"),
            "value": request.GET.get("reason", ""),
            "options": [("", _("All reasons")), *((code, reason_word(code)) for code in _TASK_REASONS)],
        },
    ]


_TASK_REASONS = [code for code in Reason if code not in SKIP_REASONS]


def skip_fields(request: HttpRequest) -> list[dict[str, Any]]:
    """The filters of the list of skips."""
    reasons = [("", _("All reasons")), *((code, reason_word(code)) for code in SKIP_REASONS)]
    return [
        months(request),
        rules(request.GET.get("rule", "")),
        {"name": "reason", "label": _("Reason"), "value": request.GET.get("reason", ""), "options": reasons},
    ]
