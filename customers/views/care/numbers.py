"""Numbers on many cards and numbers of colleagues: which cards have them, and "not the customer's number"."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.core import clock
from crm_site.core.urls import with_query
from customers.actions import cleaning
from customers.care import numbers, pages
from customers.models import Customer, Phone
from customers.views.access import customer_or_404, saved


@guard.needs("customers.care")
@never_cache
def shared(request: HttpRequest) -> HttpResponse:
    """The numbers that stand on more cards than a family has."""
    return _page(request, "shared")


@guard.needs("customers.care")
@never_cache
def staff(request: HttpRequest) -> HttpResponse:
    """The numbers of employees, also former ones, that stand on customers' cards."""
    return _page(request, "staff")


def _page(request: HttpRequest, name: str) -> HttpResponse:
    """A page by its number: its order is by how many cards, and a number of a telephone stands in no address."""
    found = Paginator(numbers.LISTS[name](request.user), numbers.PAGE)
    page = found.get_page(request.GET.get("page", "1"))
    context = {
        "name": name,
        "suspects": [_line(request, one) for one in numbers.suspects(request.user, page.object_list)],
        "count": found.count,
        "previous_url": with_query(request, page=page.previous_page_number()) if page.has_previous() else "",
        "next_url": with_query(request, page=page.next_page_number()) if page.has_next() else "",
        "tabs": pages.tabs(request.user, f"numbers_{name}"),
        "many": numbers.MANY_CARDS,
        "many_stores": len(policy.stores_allowing(request.user, "customers.care")) > 1,
    }
    return render(request, "customers/care/numbers.html", context)


def _line(request: HttpRequest, suspect: numbers.Suspect) -> dict[str, Any]:
    may_edit = policy.allows(request.user, "customers.edit", suspect.store.pk)
    return {
        "suspect": suspect,
        "first": suspect.phones[0],
        "may_edit": may_edit,
        "more": suspect.cards - len(suspect.phones),
    }


@guard.needs("customers.edit")
@require_POST
def not_theirs(request: HttpRequest, pk: int) -> HttpResponse:
    """A number is not the customer's: on this card, or (`all=1`) on every card that the user sees."""
    phone = guard.get_or_404(Phone.objects, request, pk=pk)
    customer = customer_or_404(request, phone.customer_id)
    by, today = guard.acting(request, phone.store_id), clock.today()
    if request.POST.get("all") == "1":
        seen = Customer.objects.visible_to(request.user).filter(store_id=phone.store_id, phones__number=phone.number)
        same = Phone.objects.filter(customer__in=seen, number=phone.number)
        done = cleaning.nobodys(list(same.values_list("pk", flat=True)), by=by, on=today)
        text = ngettext("Marked on %(n)d card.", "Marked on %(n)d cards.", done) % {"n": done}
        messages.success(request, text)
    else:
        cleaning.not_theirs(pk, by=by, on=today)
        if request.POST.get("back") == "card":
            return saved(request, customer, "numbers")
        messages.success(request, _("The number no longer counts as %(name)s's.") % {"name": customer.name})
    return redirect("customers:care_staff" if request.POST.get("back") == "staff" else "customers:care_shared")
