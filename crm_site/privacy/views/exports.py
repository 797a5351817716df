"""Personal data as files: the log of what left the house, and the list of customers that one takes out."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm_site.accounts import data_rules, guard, policy
from crm_site.accounts.models import Employee, Store
from crm_site.core import clock, paging
from crm_site.core.errors import RuleBroken
from crm_site.core.exports import LISTS
from crm_site.core.forms import refuse
from crm_site.core.urls import with_query
from crm_site.privacy import listing
from crm_site.privacy.actions import exports as carried
from crm_site.privacy.actions import listing as lists
from crm_site.privacy.forms.requests import ExportForm
from crm_site.privacy.models import ExportEntry
from crm_site.privacy.views.tabs import tabs
from customers import filtering


@guard.needs("privacy.log")
def log(request: HttpRequest) -> HttpResponse:
    """The exports of one's stores, newest first, by whom, what and since when."""
    allowed = policy.stores_allowing(request.user, "privacy.log")
    rows = ExportEntry.objects.visible_to(request.user).filter(store_id__in=allowed)
    people = Employee.objects.filter(pk__in=rows.order_by().values("employee").distinct())
    rows, filters = _narrowed(request, rows, people)
    page = paging.paginate(
        rows.select_related("employee", "store", "file"), order=["-at"], cursor=request.GET.get("cursor", "")
    )
    context = {
        "tabs": tabs(request, "privacy:exports"),
        "rows": [{"entry": one, "what": LISTS.get(one.what, one.what), "filters": _said(one)} for one in page],
        "filters": filters,
        "total": paging.capped_count(rows),
        "next_url": with_query(request, cursor=page.next) if page.next else "",
        "previous_url": with_query(request, cursor=page.previous) if page.previous else "",
        "may_export": policy.allows(request.user, lists.CAPABILITY),
    }
    return render(request, "privacy/exports.html", context)


def _said(entry: ExportEntry) -> str:
    """The filters of a list of customers in words."""
    if entry.what != "customers" or not entry.query:
        return ""
    told = filtering.describe(filtering.parse(entry.query), stores=[entry.store_id])
    return " · ".join(f"{label} {words}" for label, words in told)


def _narrowed(
    request: HttpRequest, rows: QuerySet[ExportEntry], people: QuerySet[Employee]
) -> tuple[QuerySet[ExportEntry], list[dict[str, Any]]]:
    """The rows that the filters of the address leave, and the filters to show."""
    who, what, since = (request.GET.get(name, "") for name in ("employee", "what", "since"))
    day = _day(since)
    if who.isdecimal() and len(who) < 19:
        rows = rows.filter(employee=int(who))
    if what in LISTS:
        rows = rows.filter(what=what)
    if day:
        rows = rows.filter(day__gte=day)
    names = [("", _("Every employee")), *((str(one.pk), one.name) for one in people.order_by("name", "pk"))]
    kinds = [("", _("Every list")), *((code, str(word)) for code, word in LISTS.items())]
    return rows, [
        {"name": "employee", "label": _("Who"), "value": who, "options": names},
        {"name": "what", "label": _("What"), "value": what, "options": kinds},
        {"name": "since", "label": _("Since"), "value": day.isoformat() if day else "", "type": "date"},
    ]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@guard.needs(lists.CAPABILITY)
def customers(request: HttpRequest) -> HttpResponse:
    """The customers that the list's filters leave as a file: columns, reason, masked or in full."""
    stores = Store.objects.filter(pk__in=policy.stores_allowing(request.user, lists.CAPABILITY))
    if len(stores) != 1:
        return render(request, "privacy/export_customers.html", {"form": None})
    store = stores[0]
    by = guard.acting(request, store.pk)
    query = filtering.parse(request.GET)
    form = _form(request, store)
    if request.method == "POST" and form.is_valid():
        values = {"in_full": False, **form.cleaned_data, "language": get_language() or "zh-hans"}
        try:
            lists.ask(store, query, **values, by=by, now=clock.now())
        except RuleBroken as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("The list is being built; you get a notice when it is ready."))
            return redirect("privacy:my_lists")
    return render(
        request, "privacy/export_customers.html", _asked(store, by, query, form), status=422 if form.is_bound else 200
    )


def _form(request: HttpRequest, store: Store) -> ExportForm:
    may_in_full = policy.allows(request.user, lists.IN_FULL, store.pk)
    columns = [(code, column.label) for code, column in listing.COLUMNS.items()]
    posted = request.POST if request.method == "POST" else None
    usual = [code for code, column in listing.COLUMNS.items() if column.is_usual]
    return ExportForm(posted, columns=columns, may_in_full=may_in_full, initial={"columns": usual})


def _asked(store: Store, by: Employee, query: dict[str, str], form: ExportForm) -> dict[str, Any]:
    """What the page says before anything leaves: how many rows, by which filters, and what one may still take."""
    rules, today = data_rules.of_store(store.pk), clock.today()
    return {
        "form": form,
        "store": store,
        "count": listing.rows_for(store.pk, query, today=today).count(),
        "filters": filtering.describe(query, stores=[store.pk]),
        "cap": rules.export_rows,
        "left": max(0, rules.export_rows_a_day - carried.exported_on(by, today)),
        "keep_days": rules.keep_days,
    }


@guard.needs(lists.CAPABILITY)
def mine(request: HttpRequest) -> HttpResponse:
    """The lists that one asked for oneself, to be fetched as long as they are kept."""
    found = [
        pair
        for store_id in policy.stores_allowing(request.user, lists.CAPABILITY)
        if (by := request.user.employee_in(store_id)) is not None  # type: ignore[union-attr]
        for pair in lists.lists_of(by)
    ]
    rows = [{"job": job, "file": stored, "rows": job.result.get("rows")} for job, stored in found]
    return render(
        request, "privacy/my_lists.html", {"rows": rows, "is_building": any(row["job"].is_open for row in rows)}
    )
