"""Corrections of the month: who corrected how much, what, where it was learned, and what stood there before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard, policy
from crm_site.core import clock, formats, paging
from crm_site.core.dates import add_months, parse_month
from crm_site.core.errors import RuleBroken
from crm_site.core.urls import with_query
from customers.care import pages
from customers.models import Correction, Customer
from customers.past import field_label
from customers.sight import Sight

CAPABILITY, PEOPLE = "customers.care", "customers.care_people"
#: months back that can be chosen
MONTHS = 13
#: what is counted of each employee: all, by where it was learned, and on how many cards
COUNTED = ("n", "call", "reception", "card", "cards")


@guard.needs(CAPABILITY)
@never_cache
def month(request: HttpRequest) -> HttpResponse:
    """One month (`month`), of everybody or of one employee (`employee`); who does not compare people sees the own."""
    first = _month(request, clock.today())
    rows = _rows(request, first)
    by_person = _people(request, rows, first)
    employee = request.GET.get("employee", "")
    shown = rows.filter(by_id=int(employee)) if employee.isdecimal() and len(employee) < 19 else rows
    page = paging.paginate(
        shown.select_related("customer", "vehicle", "by"), order=["-at"], cursor=request.GET.get("after", "")
    )
    visible = _visible(request, [row.customer_id for row in page])
    context = {
        "lines": [_line(request, row, visible) for row in page],
        "count": paging.capped_count(shown),
        "people": by_person,
        "columns": [_("Employee"), _("Corrections"), _("In a call"), _("At reception"), _("On the card"), _("Cards")],
        "fields": _fields(first, clock.today()),
        "next_url": with_query(request, after=page.next) if page.next else "",
        "previous_url": with_query(request, after=page.previous) if page.previous else "",
        "chosen": next((one["label"] for one in by_person if one["key"] == employee), ""),
        "all_url": with_query(request, employee="", after=""),
        "tabs": pages.tabs(request.user, "corrections"),
    }
    return render(request, "customers/care/corrections.html", context)


def _month(request: HttpRequest, today: date) -> date:
    """The first day of the month in the address; the present month for anything else."""
    try:
        return parse_month(request.GET.get("month", "")).start
    except RuleBroken:
        return today.replace(day=1)


def _rows(request: HttpRequest, first: date) -> QuerySet[Correction]:
    """The corrections of a month that the user may see: everybody's where they compare people, else their own."""
    user: Any = request.user
    everybodys = policy.stores_allowing(user, PEOPLE)
    own = [
        employee.pk
        for store_id in policy.stores_allowing(user, CAPABILITY)
        if (employee := user.employee_in(store_id)) is not None
    ]
    last = add_months(first, 1) - timedelta(days=1)
    rows = Correction.objects.visible_to(user).filter(day__range=(first, last))
    return rows.filter(Q(store_id__in=everybodys) | Q(by_id__in=own))


def _people(request: HttpRequest, rows: QuerySet[Correction], first: date) -> list[dict[str, Any]]:
    sources = {name: Count("pk", filter=Q(source=name)) for name in ("call", "reception", "card")}
    found: Any = (
        rows.order_by()
        .values("by_id", "by__name")
        .annotate(n=Count("pk"), cards=Count("customer", distinct=True), **sources)
    )
    ranked = sorted(found, key=lambda row: (-row["n"], row["by__name"]))
    return [
        {
            "key": str(row["by_id"]),
            "label": row["by__name"],
            "url": with_query(request, employee=row["by_id"], month=f"{first:%Y-%m}", after=""),
            "cells": [{"text": formats.number(row[name])} for name in COUNTED],
        }
        for row in ranked
    ]


def _visible(request: HttpRequest, customer_ids: list[int]) -> set[int]:
    """The customers whose cards the user may open: a card may be restricted since."""
    rows = Customer.objects.visible_to(request.user).filter(pk__in=customer_ids)
    return set(rows.values_list("pk", flat=True))


#: field of a correction -> the fact by which it is masked
FACTS = {"phone": "phone", "address": "address", "birthday": "birthday", "email": "email", "vin": "vin"}


def _line(request: HttpRequest, row: Correction, visible: set[int]) -> dict[str, Any]:
    is_open = row.customer_id in visible
    may_compare = policy.allows(request.user, PEOPLE, row.store_id)
    before = row.before if is_open and may_compare else ""
    sight = Sight.of(request.user, row.store_id)
    if before:
        fact = FACTS.get(row.field)
        before = sight.value(fact, before) if fact else sight.words(before)
    return {"row": row, "what": label(row.field), "before": before, "is_open": is_open, "may_compare": may_compare}


def label(name: str) -> str:
    """What was corrected, in words."""
    known = {"phone": _("Phone"), "phone_added": _("Number added"), "contact": _("Contact")}
    return known.get(name) or field_label(name) or name


def _fields(first: date, today: date) -> list[dict[str, Any]]:
    months = [add_months(today.replace(day=1), -back) for back in range(MONTHS)]
    options = [(f"{one:%Y-%m}", f"{one:%Y-%m}") for one in months]
    return [{"name": "month", "label": _("Month"), "value": f"{first:%Y-%m}", "options": options}]
