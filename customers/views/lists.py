"""The list of customers with its filters."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from crm_site.accounts import policy
from crm_site.accounts.guard import needs
from crm_site.accounts.views import saved_views
from crm_site.core import clock
from crm_site.core.urls import with_query
from customers import filtering
from customers.models import Customer, Phone, VehicleRole
from customers.views import filter_panel

#: rows of a page
ROWS = 50


@needs("customers.view")
@never_cache
def customers(request: HttpRequest) -> HttpResponse:
    """The customers of the visible stores; filters and orders hold codes and keys only."""
    listing = narrowed(request)
    cursor = request.GET.get("after", "")
    page = listing.page(cursor, ROWS, with_numbers_and_cars)
    stores = policy.stores_allowing(request.user, "customers.view")
    context = {
        "rows": [line(customer) for customer in page],
        "count": listing.known_count(page, cursor),
        "count_url": f"{reverse('customers:count')}?{urlencode(listing.query)}",
        "next_url": with_query(request, after=page.next) if page.next else "",
        "previous_url": with_query(request, after=page.previous) if page.previous else "",
        "place": place_query(request, listing),
        "many_stores": len(stores) > 1,
        "views_menu": saved_views.menu(request, "customers:list"),
        **filter_panel.context(request, listing.query, stores),
        **_rights(request),
    }
    return render(request, "customers/list.html", context)


@needs("customers.view")
@never_cache
def count(request: HttpRequest) -> HttpResponse:
    """How many customers the filters leave, for a page that was shown before they were counted."""
    return render(request, "customers/count.html", {"count": narrowed(request).count()})


def narrowed(request: HttpRequest) -> filtering.Listing:
    """The customers that the filters of the address leave, in its order."""
    return listing_of(request.user, request.GET)


def listing_of(user: Any, data: QueryDict) -> filtering.Listing:
    """The visible customers that the filters of a query leave, in its order."""
    query = filtering.parse(data)
    stores = policy.stores_allowing(user, "customers.view")
    rows = Customer.objects.visible_to(user)
    if query.get("restricted") and not policy.stores_allowing(user, "customers.restrict"):
        rows = rows.none()  # the engine would look at every card before it knew
    _words, order = filter_panel.SORTS.get(data.get("sort", ""), filter_panel.SORTS["newest"])
    return filtering.Listing(rows, query, clock.today(), stores, order, user)


def place_query(request: HttpRequest, listing: filtering.Listing) -> str:
    """The list as an address keeps it, so that a card knows its neighbours there; '' for the plain list."""
    sort = request.GET.get("sort", "")
    return urlencode(listing.query | ({"sort": sort} if sort in filter_panel.SORTS else {}))


def _rights(request: HttpRequest) -> dict[str, bool]:
    capabilities = {
        "may_edit": "customers.edit",
        "may_import": "imports.run",
        "may_bulk": "customers.bulk",
        "may_export": "customers.export",
        "may_segment": "customers.segments",
    }
    return {name: policy.allows(request.user, what) for name, what in capabilities.items()}


def with_numbers_and_cars(rows: QuerySet[Customer]) -> QuerySet[Customer]:
    """Customers with their store, numbers and present cars, by three more queries for all."""
    return rows.prefetch_related(*numbers_and_cars())


def numbers_and_cars() -> list[Any]:
    """What `line` and its row show of customers beside their card.

    Not joined: with few rows to show, SQLite would begin at the stores and sort all their customers.
    """
    roles = VehicleRole.objects.filter(until=None, contact=None).select_related("vehicle").order_by("pk")
    return [
        "store",
        Prefetch("phones", queryset=Phone.objects.order_by("rank", "pk"), to_attr="known_phones"),
        Prefetch("vehicle_roles", queryset=roles, to_attr="present_roles"),
    ]


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
