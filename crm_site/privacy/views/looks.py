"""Who looked at which hidden fact, when and why; each look, or by person and day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crm_site.accounts import guard
from crm_site.accounts.models import Employee
from crm_site.core import masking, paging
from crm_site.core.dates import parse_date
from crm_site.core.errors import RuleBroken
from crm_site.core.urls import with_query
from crm_site.privacy.queries import looks
from crm_site.privacy.views.tabs import tabs
from customers import sight
from customers.models import Customer, Reveal
from customers.wording import LOOK_REASONS

Rows = QuerySet[Reveal]
#: lines of the table by person and day
MOST_DAYS = 200


@guard.needs("privacy.log")
def log(request: HttpRequest) -> HttpResponse:
    """The looks of one's stores, newest first; `?by=day` adds them up."""
    mine = looks.looks_for(request.user)
    rows = _narrow(mine, request.GET)
    context: dict[str, Any] = {
        "tabs": tabs(request, "privacy:looks"),
        "filters": _filters(request, mine),
        "ways": _ways(request),
        "is_narrowed": any(request.GET.get(name) for name in _NARROW),
    }
    if request.GET.get("by") == "day":
        days = looks.by_person_and_day(rows)[:MOST_DAYS]
        context["days"] = [{**row, "url": _url_of_day(request, row)} for row in days]
    else:
        context |= _page(request, rows)
    return render(request, "privacy/looks.html", context)


def _page(request: HttpRequest, rows: Rows) -> dict[str, Any]:
    rows = looks.with_tasks(rows).select_related("employee", "customer", "contact", "store")
    page = paging.paginate(rows, order=["-at"], cursor=request.GET.get("cursor", ""))
    open_cards = set(
        Customer.objects.visible_to(request.user)
        .filter(pk__in=[row.customer_id for row in page])
        .values_list("pk", flat=True)
    )
    return {
        "rows": [
            {
                "look": row,
                "fact": sight.FACTS.get(row.fact.partition(":")[0], row.fact),
                "why": LOOK_REASONS.get(row.reason, row.reason),
                "note": masking.words(row.note),
                "has_card": row.customer_id in open_cards,
            }
            for row in page
        ],
        "next_url": with_query(request, cursor=page.next) if page.next else "",
        "previous_url": with_query(request, cursor=page.previous) if page.previous else "",
    }


# ---- the filters: codes, keys and days ------------------------------------------------------------------------------


def _narrow(rows: Rows, query: Any) -> Rows:
    """The rows that the address asks for; what is not understood is left out."""
    for name, narrow in _NARROW.items():
        written = query.get(name, "")
        if written:
            rows = narrow(rows, written)
    return rows


def _by_key(column: str) -> Callable[[Rows, str], Rows]:
    return lambda rows, key: rows.filter(**{column: int(key)}) if key.isdecimal() and len(key) < 19 else rows


def _by_day(lookup: str) -> Callable[[Rows, str], Rows]:
    def narrow(rows: Rows, written: str) -> Rows:
        try:
            return rows.filter(**{lookup: parse_date(written)})
        except RuleBroken:
            return rows

    return narrow


def _by_fact(rows: Rows, fact: str) -> Rows:
    return rows.filter(fact__startswith=fact) if fact in sight.FACTS else rows


def _by_reason(rows: Rows, reason: str) -> Rows:
    return rows.filter(reason=reason) if reason in LOOK_REASONS else rows


def _by_task(rows: Rows, _code: str) -> Rows:
    return looks.with_tasks(rows).filter(has_task=False)


_NARROW: dict[str, Callable[[Rows, str], Rows]] = {
    "employee": _by_key("employee"),
    "customer": _by_key("customer"),
    "since": _by_day("day__gte"),
    "until": _by_day("day__lte"),
    "fact": _by_fact,
    "reason": _by_reason,
    "task": _by_task,
}


def _filters(request: HttpRequest, mine: Rows) -> list[dict[str, Any]]:
    query = request.GET
    who = Employee.objects.filter(pk__in=mine.order_by().values("employee")).order_by("name", "pk")
    return [
        {"name": "employee", "label": _("Who"), "value": query.get("employee", ""),
         "options": [("", _("All employees")), *((str(one.pk), one.name) for one in who)]},
        {"name": "fact", "label": _("What"), "value": query.get("fact", ""),
         "options": [("", _("Everything")), *sight.FACTS.items()]},
        {"name": "reason", "label": _("Why"), "value": query.get("reason", ""),
         "options": [("", _("Every reason")), *LOOK_REASONS.items()]},
        {"name": "task", "label": _("Task"), "value": query.get("task", ""),
         "options": [("", _("With and without a task")), ("none", _("Without a task"))]},
        {"name": "since", "label": _("From"), "value": query.get("since", ""), "type": "date"},
        {"name": "until", "label": _("Until"), "value": query.get("until", ""), "type": "date"},
    ]  # fmt: skip


def _ways(request: HttpRequest) -> list[dict[str, Any]]:
    """The two ways to read the log, with the same filters."""
    by_day = request.GET.get("by") == "day"
    return [
        {"label": _("Each look"), "url": with_query(request, by=None, cursor=None), "count": None,
         "current": not by_day},
        {"label": _("By person and day"), "url": with_query(request, by="day", cursor=None), "count": None,
         "current": by_day},
    ]  # fmt: skip


def _url_of_day(request: HttpRequest, row: dict[str, Any]) -> str:
    day: date = row["day"]
    return with_query(request, by=None, cursor=None, employee=row["employee_id"], since=day, until=day)
