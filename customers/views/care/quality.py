"""档案质量: the score of a store's archive and of its people, its way over the months, and the cards behind it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee, Store
from crm_site.core import clock, formats, paging
from crm_site.core.charts import serving
from crm_site.core.charts.lines import Series, line_chart
from crm_site.core.urls import with_query
from customers.care import pages, quality
from customers.care.items import Item, items
from customers.models import Customer, Phone, VehicleRole
from customers.rules import quality as rules

CAPABILITY = "customers.care"
#: who compares people; anybody else sees the own line only
PEOPLE = "customers.care_people"


@guard.needs(CAPABILITY)
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The score of one store as the last night counted it."""
    stores = _stores(request)
    store = _store(request, stores)
    latest = quality.latest(store.pk)
    months = quality.trend(store.pk, clock.today()) if latest else []
    context = {
        "store": store,
        "latest": latest,
        "figures": [_figure(item, latest, store) for item in items()] if latest else [],
        "definitions": items(),
        "fields": _fields(stores, store) if len(stores) > 1 else [],
        "chart": _chart(request, store) if len(months) > 1 else None,
        "columns": [_("Month"), _("Score"), *(item.label for item in items())],
        "months": [_month(one) for one in reversed(months)],
        "people": _people(request, store, latest) if latest else [],
        "people_columns": [_("Employee"), _("Cards"), _("Score"), *(item.label for item in items())],
        "few": rules.FEW,
        "tabs": pages.tabs(request.user, "quality"),
    }
    return render(request, "customers/care/quality.html", context)


def _stores(request: HttpRequest) -> list[Store]:
    return list(Store.objects.filter(pk__in=policy.stores_allowing(request.user, CAPABILITY)).order_by("code"))


def _store(request: HttpRequest, stores: list[Store]) -> Store:
    """The store in the address, else the first; another's is as good as none."""
    wanted = request.GET.get("store", "")
    return next((one for one in stores if str(one.pk) == wanted), stores[0])


def _fields(stores: list[Store], store: Store) -> list[dict[str, Any]]:
    options = [(one.pk, one.short_name) for one in stores]
    return [{"name": "store", "label": _("Store"), "value": store.pk, "options": options}]


def _figure(item: Item, latest: quality.Standing, store: Store) -> dict[str, Any]:
    """A check as a figure: its share, how many are to be mended, and the list of these."""
    good, total = latest.counts.get(item.code, (0, 0))
    target, share = rules.TARGETS.get(item.code), latest.share(item.code)
    told = {"good": formats.number(good), "total": formats.number(total)}
    note = (_("%(good)s of %(total)s complete") if item.graded_by else _("%(good)s of %(total)s")) % told
    if target is not None:
        note += " · " + _("target %(target)d%%") % {"target": target}
    return {
        "label": item.label,
        "value": formats.EMPTY if share is None else f"{share}%",
        "note": note,
        "url": cards_url(store.pk, item.code),
        "kind": "bad" if target is not None and share is not None and share < target else "",
        "to_mend": latest.to_mend(item.code),
        "item": item,
        "total": total,
    }


def cards_url(store_id: int, code: str, employee_id: int | None = None) -> str:
    """The list of cards that fail a check, of a store or of one employee's customers."""
    whose = f"&employee={employee_id}" if employee_id else ""
    return f"{reverse('customers:quality_cards')}?store={store_id}&item={code}{whose}"


def _month(one: quality.Standing) -> dict[str, Any]:
    shares = [one.share(item.code) for item in items()]
    cells = [formats.score(one.score), *(formats.EMPTY if share is None else f"{share}%" for share in shares)]
    return {"label": f"{one.day:%Y-%m}", "cells": [{"text": text} for text in cells]}


def _people(request: HttpRequest, store: Store, latest: quality.Standing) -> list[dict[str, Any]]:
    """The employees' lines; only one's own where the user does not compare people."""
    rows = quality.people(store.pk, latest.day)
    if not policy.allows(request.user, PEOPLE, store.pk):
        own = request.user.employee_in(store.pk)  # type: ignore[union-attr]
        rows = [(employee, standing) for employee, standing in rows if own is not None and employee.pk == own.pk]
    return [_person(employee, standing, store) for employee, standing in rows]


def _person(employee: Employee, standing: quality.Standing, store: Store) -> dict[str, Any]:
    cells = [{"text": formats.number(standing.n)}, {"text": formats.score(standing.score)}]
    for item in items():
        share = standing.share(item.code)
        url = cards_url(store.pk, item.code, employee.pk) if standing.to_mend(item.code) else ""
        cells.append({"text": formats.EMPTY if share is None else f"{share}%", "url": url})
    few = _("small sample") if standing.n < rules.FEW else ""
    return {"label": f"{employee.name} · {few}" if few else employee.name, "cells": cells}


# ---- the trend as a picture -----------------------------------------------------------------------------------------


def _chart(request: HttpRequest, store: Store) -> dict[str, str]:
    theme = "dark" if getattr(request.user, "theme", "light") == "dark" else "light"
    url = f"{reverse('customers:quality_chart')}?store={store.pk}&theme={theme}"
    return {"wide": f"{url}&size=wide", "narrow": f"{url}&size=narrow"}


@guard.needs(CAPABILITY)
def chart(request: HttpRequest) -> HttpResponse:
    """The score by month as a line."""
    look = serving.look_of(request)
    store = _store(request, _stores(request))
    months = quality.trend(store.pk, clock.today())
    labels = [f"{one.day:%y-%m}" for one in months]
    scores = [None if one.score is None else float(one.score) for one in months]
    name = str(_("Score"))
    shown = (labels, scores, name)
    return serving.served(request, "customers", "quality", look, (shown, partial(_draw, *shown)))


def _draw(labels: list[str], scores: list[float | None], name: str, theme: str, narrow: bool) -> bytes:
    return line_chart(labels, [Series(name, scores)], theme=theme, narrow=narrow)


# ---- the cards behind a figure --------------------------------------------------------------------------------------


@guard.needs(CAPABILITY)
@never_cache
def cards(request: HttpRequest) -> HttpResponse:
    """The cards that fail a check now: `item`, and `employee` for one employee's customers."""
    store = _store(request, _stores(request))
    known = {item.code: item for item in items()}
    item = known.get(request.GET.get("item", ""), next(iter(known.values())))
    today, employee = clock.today(), _employee(request, store)
    rows = quality.cards([store.pk]).filter(item.looked_at(today)).filter(item.failing(today))
    rows = quality.of_employee(rows, employee) if employee else rows
    roles = VehicleRole.objects.filter(until=None, contact=None).select_related("vehicle").order_by("pk")
    shown = (
        Customer.objects.visible_to(request.user)
        .filter(pk__in=rows.values("pk"))
        .prefetch_related(
            Prefetch("vehicle_roles", queryset=roles, to_attr="present_roles"),
            Prefetch("phones", queryset=Phone.objects.dialable(), to_attr="good_phones"),
        )
    )
    page = paging.paginate(shown, order=["pk"], cursor=request.GET.get("after", ""))
    context = {
        "store": store, "item": item, "employee": employee, "rows": list(page),
        "count": paging.capped_count(rows),
        "fields": [_item_field(item)],
        "hidden": [("store", store.pk), *([("employee", employee.pk)] if employee else [])],
        "next_url": with_query(request, after=page.next) if page.next else "",
        "previous_url": with_query(request, after=page.previous) if page.previous else "",
        "back": f"{reverse('customers:quality')}?store={store.pk}",
        "may_edit": policy.allows(request.user, "customers.edit", store.pk),
    }  # fmt: skip
    return render(request, "customers/care/quality_cards.html", context)


def _item_field(item: Item) -> dict[str, Any]:
    options = [(one.code, one.fault) for one in items()]
    return {"name": "item", "label": _("Check"), "value": item.code, "options": options}


def _employee(request: HttpRequest, store: Store) -> Employee | None:
    """The employee in the address, as far as the user may look at their figures."""
    wanted = request.GET.get("employee", "")
    if not wanted.isdecimal():
        return None
    employee = guard.get_or_404(Employee.objects.filter(store=store), request, pk=int(wanted))
    own = request.user.employee_in(store.pk)  # type: ignore[union-attr]
    if not policy.allows(request.user, PEOPLE, store.pk) and (own is None or own.pk != employee.pk):
        guard.refuse(request, "role", employee)
    return employee
