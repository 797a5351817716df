"""The list of tickets: figure tabs that are exactly their rows, filters that live in the URL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import page, people, queries
from complaints.models import Category, Complaint, Level, Source, State
from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee
from crm_site.core import clock, formats, paging
from crm_site.core.dates import parse_month
from crm_site.core.errors import RuleBroken

TABS = tuple(queries.FIGURES)
PAST = "historical"
#: by what a tab is sorted; else by the promise that ends next
ORDERS = {"closed": ["-closed_at"], PAST: ["-received_at"]}
NOBODY = "none"


@guard.needs("complaints.view")
def complaints(request: HttpRequest) -> HttpResponse:
    """The tickets that the user may see: one figure's rows, narrowed by the filters, or the one of a number."""
    now = clock.now()
    filters = Filters(request)
    tab, found = _tab(request, filters, now)
    rows = filters.narrow(found)
    shown = paging.paginate(
        rows.select_related("level", "category__parent", "customer", "vehicle", "handler", "store"),
        order=ORDERS.get(tab, ["due_at"]),
        cursor=request.GET.get("at", ""),
    )
    context = {
        "figures": _figures(request, tab, now),
        "tab": tab,
        "fields": filters.fields(),
        "hidden": [
            *([("tab", tab)] if tab != "open" else []),
            *((name, value) for name, value in filters.chosen.items() if name == "store"),
        ],
        "clear_url": f"{request.path}?tab={tab or 'open'}" if filters.chosen else "",
        "rows": [_row(ticket, now) for ticket in shown],
        "page": shown,
        "total": paging.capped_count(rows),
        "may_report": policy.allows(request.user, "complaints.report"),
        "today": clock.business_day(now),
    }
    return render(request, "complaints/list.html", context)


def _tab(request: HttpRequest, filters: Filters, now: datetime) -> tuple[str, queries.Rows]:
    """The figure whose rows are wanted; a number is looked for among all tickets, whatever figure they belong to."""
    if filters.chosen.get("number"):
        return "", Complaint.objects.visible_to(request.user)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "open"
    return tab, queries.FIGURES[tab].rows(request.user, now)


@dataclass
class Filters:
    """The filters of the list as codes and ids in the URL; what is unknown is ignored."""

    request: HttpRequest

    @property
    def chosen(self) -> dict[str, str]:
        """{name: value} of the filters that are set."""
        names = ("state", "level", "category", "handler", "source", "month", "store", "number")
        written = {name: self.request.GET.get(name, "").strip() for name in names}
        return {name: value for name, value in written.items() if value}

    def narrow(self, rows: queries.Rows) -> queries.Rows:
        """The rows that all chosen filters let through."""
        values = self.chosen
        if "number" in values:
            number = values["number"][:40]
            rows = rows.filter(Q(number=number) | Q(external_number=number))
        if values.get("state") in State.values:
            rows = rows.filter(state=values["state"])
        if "level" in values:
            rows = rows.filter(level__code=values["level"][:4])
        if values.get("store", "").isdecimal():
            rows = rows.filter(store_id=int(values["store"][:15]))
        if "category" in values:
            code = values["category"][:40]
            rows = rows.filter(Q(category__code=code) | Q(category__parent__code=code))
        if values.get("source") in Source.values:
            rows = rows.filter(source=values["source"])
        if values.get("handler") == NOBODY:
            rows = rows.filter(handler=None)
        elif values.get("handler", "").isdecimal():
            rows = rows.filter(handler_id=int(values["handler"][:15]))
        return self._in_month(rows, values.get("month", ""))

    def fields(self) -> list[dict[str, Any]]:
        """The filter bar."""
        values = self.request.GET
        return [
            _field("state", _("State"), values, State.choices),
            _field("level", _("Level"), values, _levels()),
            _field("category", _("Category"), values, _categories()),
            _field("handler", _("Handler"), values, [(NOBODY, _("nobody")), *_handlers(self.request.user)]),
            _field("source", _("Source"), values, Source.choices),
            {"name": "month", "label": _("Received in the month"), "value": values.get("month", ""), "type": "month"},
            {"name": "number", "label": _("Number"), "value": values.get("number", ""), "type": "search"},
        ]

    def _in_month(self, rows: queries.Rows, written: str) -> queries.Rows:
        try:
            month = parse_month(written) if written else None
        except RuleBroken:
            return rows
        return rows.received_on(month.start, month.last) if month else rows


def _figures(request: HttpRequest, tab: str, now: datetime) -> list[dict[str, Any]]:
    numbers = queries.counts(request.user, now)
    url = reverse("complaints:list")
    return [
        {
            "label": figure.label,
            "value": numbers[code],
            "note": figure.note,
            "url": f"{url}?tab={code}",
            "current": code == tab,
            "kind": figure.kind if numbers[code] else "",
        }
        for code, figure in queries.FIGURES.items()
        if code != PAST or numbers[code] or tab == PAST
    ]


def _row(ticket: Complaint, now: datetime) -> dict[str, Any]:
    return {
        "ticket": ticket,
        "title": page.formats_title(ticket),
        "status": page.status(ticket, now),
        "overdue": ticket.is_open and ticket.paused_at is None and ticket.due_at is not None and ticket.due_at < now,
        "day": _past_day(ticket),
        "soon": ticket.due_at is not None and clock.business_day(ticket.due_at) == clock.business_day(now),
    }


def _past_day(ticket: Complaint) -> str:
    """When a complaint of an old register was received, as exactly as the register says."""
    if not ticket.historical:
        return ""
    return formats.day(ticket.received_at) if "received_at" in ticket.day_only else formats.when(ticket.received_at)


def _field(name: str, label: str, values: Any, options: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "value": values.get(name, ""), "options": [("", label), *options]}


def _levels() -> list[tuple[str, str]]:
    return [(row.code, f"{row.code} {row.label}") for row in Level.objects.filter(store=None)]


def _categories() -> list[tuple[str, str]]:
    return [(row.code, row.label) for row in Category.objects.filter(store=None, parent=None)]


def _handlers(user: Any) -> list[tuple[int, str]]:
    handling = Employee.objects.visible_to(user).filter(user__memberships__role__in=people.HANDLING_ROLES)
    return list(handling.order_by("name").distinct().values_list("pk", "name"))
