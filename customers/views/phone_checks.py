"""下次进厂核对电话: whom reception asks for their number, those who are here today first; corrected in place."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.core import clock, paging
from crm_site.core.urls import with_query
from customers import wording
from customers.actions import phone_checks
from customers.care import reception
from customers.forms import NumberSaidForm
from customers.models import Customer, Phone, VehicleRole
from customers.views.access import customer_or_404, try_to
from customers.views.reception import tabs

CAPABILITY = "customers.phone_checks"
#: customers in the house at once, of whom the list shows at most so many first
MOST_HERE = 100


@guard.needs(CAPABILITY)
@never_cache
def waiting(request: HttpRequest) -> HttpResponse:
    """Everybody whose number is to be checked: those who are here or expected today, then the oldest wishes."""
    return _page(request, {})


def _page(request: HttpRequest, forms: dict[int, NumberSaidForm], status: int = 200) -> HttpResponse:
    today = clock.today()
    rows = _rows(request)
    visits = reception.visits(request.user, today)
    here = list(rows.filter(reception.has_one_of(visits))[:MOST_HERE])
    others = rows.exclude(pk__in=[customer.pk for customer in here])
    page = paging.paginate(others, order=["check_phone_since"], cursor=request.GET.get("after", ""))
    shown_here = [] if request.GET.get("after") else here
    context = {
        "here": [_line(customer, forms, visits) for customer in shown_here],
        "others": [_line(customer, forms, {}) for customer in page],
        "count": paging.capped_count(rows),
        "next_url": with_query(request, after=page.next) if page.next else "",
        "previous_url": with_query(request, after=page.previous) if page.previous else "",
        "tabs": tabs(request, "phone_checks"),
        "many_stores": len(policy.stores_allowing(request.user, CAPABILITY)) > 1,
    }
    return render(request, "customers/phone_checks.html", context, status=status)


def _rows(request: HttpRequest) -> QuerySet[Customer]:
    """The customers, oldest wish first, with their numbers and present cars by two more queries for all."""
    stores = policy.stores_allowing(request.user, CAPABILITY)
    rows = Customer.objects.visible_to(request.user).filter(store_id__in=stores, check_phone_since__isnull=False)
    roles = VehicleRole.objects.filter(until=None, contact=None).select_related("vehicle").order_by("pk")
    return (
        rows.select_related("store")
        .prefetch_related(
            Prefetch("phones", queryset=Phone.objects.order_by("rank", "pk"), to_attr="known_phones"),
            Prefetch("vehicle_roles", queryset=roles, to_attr="present_roles"),
        )
        .order_by("check_phone_since", "pk")
    )


def _line(customer: Any, forms: dict[int, NumberSaidForm], visits: dict[int, str]) -> dict[str, Any]:
    cars = list({role.vehicle_id: role.vehicle for role in customer.present_roles}.values())
    phones = customer.known_phones
    return {
        "customer": customer,
        "phone": phones[0] if phones else None,
        "cars": cars[:2],
        "why": wording.check_reason(customer.check_phone_reason),
        "today": next((visits[car.pk] for car in cars if car.pk in visits), ""),
        "form": forms.get(customer.pk),
    }


@guard.needs(CAPABILITY)
@require_POST
def checked(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer was asked: `right` says that the number is right, else the field holds the right one."""
    customer = customer_or_404(request, pk)
    guard.require(request, CAPABILITY, customer)
    by = guard.acting(request, customer.store_id)
    if request.POST.get("right") == "1":
        phone_checks.phone_checked(customer.pk, by=by, on=clock.today())
        return _done(request, customer)
    form = NumberSaidForm(request.POST)
    if form.is_valid():
        number = form.cleaned_data["number"]
        if try_to(form, lambda: phone_checks.phone_checked(customer.pk, number=number, by=by, on=clock.today())):
            return _done(request, customer)
    return _page(request, {customer.pk: form}, status=422)


def _done(request: HttpRequest, customer: Customer) -> HttpResponse:
    messages.success(request, _("The number of %(name)s is checked.") % {"name": customer.name})
    if request.POST.get("back") == "card":
        return redirect("customers:card", customer.pk)
    return redirect("customers:phone_checks")
