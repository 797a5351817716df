"""The list of customers with its filters."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm_site.accounts import policy
from crm_site.accounts.guard import needs
from crm_site.core import clock, paging
from crm_site.core.urls import with_query
from customers import filtering
from customers.models import Customer, Phone, VehicleRole

#: rows of a page
ROWS = 50
#: the filters that stand above the list; all others unfold
AT_HAND = ("type", "series", "value", "loyalty", "number", "ban")


@needs("customers.view")
@never_cache
def customers(request: HttpRequest) -> HttpResponse:
    """The customers of the visible stores, newest first; filters hold codes only."""
    rows, filters = _filtered(request)
    page = paging.paginate(
        with_numbers_and_cars(rows.select_related("store")),
        order=["-created_at"],
        size=ROWS,
        cursor=request.GET.get("after", ""),
    )
    context = {
        "rows": [line(customer) for customer in page],
        "count": paging.capped_count(rows),
        "filters": filters,
        "is_filtered": any(field["value"] for field in filters),
        "next_url": with_query(request, after=page.next) if page.next else "",
        "previous_url": with_query(request, after=page.previous) if page.previous else "",
        "may_edit": policy.allows(request.user, "customers.edit"),
        "may_import": policy.allows(request.user, "imports.run"),
        "many_stores": len(policy.stores_allowing(request.user, "customers.view")) > 1,
    }
    return render(request, "customers/list.html", context)


def _filtered(request: HttpRequest) -> tuple[QuerySet[Customer], list[dict[str, Any]]]:
    """The rows that the filters of the address leave, and the filters to show."""
    stores = policy.stores_allowing(request.user, "customers.view")
    query = filtering.parse(request.GET)
    rows = filtering.narrow(Customer.objects.visible_to(request.user), query, today=clock.today(), stores=stores)
    known = filtering.fields()
    return rows, [_filter(known[code], query.get(code, ""), stores) for code in AT_HAND]


def _filter(field: filtering.Field, value: str, stores: list[int]) -> dict[str, Any]:
    options = [("", _("%(filter)s: all") % {"filter": field.label}), *field.options(stores)]
    return {"name": field.code, "label": field.label, "value": value, "options": options}


def with_numbers_and_cars(rows: QuerySet[Customer]) -> QuerySet[Customer]:
    """Customers with their numbers and present cars, by two more queries for all."""
    roles = VehicleRole.objects.filter(until=None, contact=None).select_related("vehicle").order_by("pk")
    return rows.prefetch_related(
        Prefetch("phones", queryset=Phone.objects.order_by("rank", "pk"), to_attr="known_phones"),
        Prefetch("vehicle_roles", queryset=roles, to_attr="present_roles"),
    )


def line(customer: Any) -> dict[str, Any]:
    """One customer as a row: the number dialled first and the cars."""
    good = [phone for phone in customer.known_phones if phone.bad_since is None]
    cars = list({role.vehicle_id: role.vehicle for role in customer.present_roles}.values())
    visits = [car.last_visit_on for car in cars if car.last_visit_on]
    return {
        "customer": customer,
        "phone": good[0].number if good else "",
        "cars": cars[:2],
        "more_cars": max(len(cars) - 2, 0),
        "last_visit": max(visits, default=None),
    }
