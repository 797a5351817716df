"""The list of tickets: figure tabs that are exactly their rows, filters that live in the URL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import page
from complaints.models import Complaint
from complaints.views import bulk
from complaints.views.selection import PAST, Selection
from crm_site.accounts import guard, policy
from crm_site.core import clock, formats, paging

#: by what a tab is sorted; else by the promise that ends next
ORDERS = {"closed": ["-closed_at"], PAST: ["-received_at"]}
NEXT_FIRST, NEWEST_FIRST = ["due_at"], ["-received_at"]


@guard.needs("complaints.view")
def complaints(request: HttpRequest) -> HttpResponse:
    """The tickets that the user may see: one figure's rows, narrowed by the filters, or the one of a number."""
    now = clock.now()
    asked = Selection(request, now)
    # the page's keys first: sorting a hundred thousand tickets reads an index, not their words
    shown = paging.paginate(
        asked.rows.only("pk"),
        order=ORDERS.get(asked.tab, NEXT_FIRST) if asked.figure is None else NEWEST_FIRST,
        cursor=request.GET.get("at", ""),
    )
    context = {
        "asked": asked,
        "figures": asked.figures("list"),
        "tab": asked.tab,
        "fields": asked.fields(),
        "hidden": asked.hidden(),
        "chips": asked.chips(),
        "clear_url": asked.clear_url,
        "views": views(request, "list"),
        "order_words": _order_words(asked),
        "rows": [_row(ticket, now) for ticket in _whole(request, shown)],
        "page": shown,
        "total": paging.capped_count(asked.rows),
        "assign": bulk.bar(request),
        "may_report": policy.allows(request.user, "complaints.report"),
        "today": clock.business_day(now),
    }
    return render(request, "complaints/list.html", context)


def _whole(request: HttpRequest, shown: paging.Page) -> list[Complaint]:
    """The tickets of a page with all that their rows show, in its order."""
    rows = Complaint.objects.visible_to(request.user).filter(pk__in=[one.pk for one in shown])
    found = rows.select_related("level", "category__parent", "customer", "vehicle", "handler", "store").in_bulk()
    return [found[one.pk] for one in shown if one.pk in found]


def views(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """List, board and figures as tabs; list and board keep what is filtered."""
    kept = request.GET.copy()
    kept.pop("at", None)
    query = f"?{kept.urlencode()}" if kept and current in ("list", "board") else ""
    tabs = [
        {"label": _("List"), "url": reverse("complaints:list") + query, "current": current == "list"},
        {"label": _("Board"), "url": reverse("complaints:board") + query, "current": current == "board"},
    ]
    if policy.allows(request.user, "complaints.learn"):
        tabs.append({"label": _("Figures"), "url": reverse("complaints:learn"), "current": current == "learn"})
    return tabs


def _order_words(asked: Selection) -> str:
    if asked.figure is not None:
        return _("The latest first")
    return _("From old registers, the latest first") if asked.tab == PAST else _("Sorted by the promise that ends next")


def _row(ticket: Complaint, now: datetime) -> dict[str, Any]:
    return {
        "ticket": ticket,
        "title": page.formats_title(ticket),
        "status": page.status(ticket, now),
        "overdue": ticket.is_overdue(now),
        "day": _past_day(ticket),
        "soon": ticket.due_at is not None and clock.business_day(ticket.due_at) == clock.business_day(now),
    }


def _past_day(ticket: Complaint) -> str:
    """When a complaint of an old register was received, as exactly as the register says."""
    if not ticket.historical:
        return ""
    return formats.day(ticket.received_at) if "received_at" in ticket.day_only else formats.when(ticket.received_at)
