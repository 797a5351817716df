"""The bookings of a day or a week: who wants to come, who is expected, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.core import clock, plates
from crm_site.core.dates import parse_date
from crm_site.core.errors import RuleBroken
from crm_site.core.returning import own_page
from crm_site.core.urls import with_query
from customers.actions import bookings
from customers.forms import BookingForm
from customers.models import Booking, Vehicle
from customers.rules.bookings import STANDING, may_go
from customers.views.access import customer_or_404, form_page, saved, try_to
from customers.views.reception import tabs

CAPABILITY = "customers.bookings"
SPANS = {"day": 1, "week": 7}
#: more in one span, or overdue, than anybody reads through; the page says so
MOST = 300
#: the words on the buttons
STEPS = {
    "confirmed": gettext_lazy("Confirm"),
    "came": gettext_lazy("Came in"),
    "missed": gettext_lazy("Not come"),
    "cancelled": gettext_lazy("Cancel it"),
}


@guard.needs(CAPABILITY)
@never_cache
def list_of_days(request: HttpRequest) -> HttpResponse:
    """The bookings of a day or week, before them those whose day is over and of which nobody has said anything."""
    today = clock.today()
    first, span = _first_day(request, today), _span(request)
    last = first + timedelta(days=SPANS[span] - 1)
    rows = _rows(request)
    within = list(rows.filter(wanted_on__range=(first, last))[:MOST])
    late = [] if first > today else list(rows.filter(wanted_on__lt=min(today, first), state__in=STANDING)[:MOST])
    groups: list[dict[str, Any]] = [
        {"title": day, "is_day": True, "is_today": day == today, "rows": [_line(one, today) for one in of_day]}
        for day, of_day in groupby(within, key=lambda booking: booking.wanted_on)
    ]
    if late:
        title = _("Nobody has said what became of these")
        groups.insert(0, {"title": title, "rows": [_line(one, today, is_late=True) for one in late]})
    context = {
        "groups": groups,
        "is_cut": len(within) == MOST or len(late) == MOST,
        "count": len(within),
        "fields": _fields(span, first),
        "earlier": with_query(request, day=(first - timedelta(days=SPANS[span])).isoformat()),
        "later": with_query(request, day=(last + timedelta(days=1)).isoformat()),
        "first": first,
        "last": last,
        "tabs": tabs(request, "bookings"),
        "here": request.get_full_path(),
        "many_stores": len(policy.stores_allowing(request.user, CAPABILITY)) > 1,
    }
    return render(request, "customers/bookings.html", context)


def _rows(request: HttpRequest) -> QuerySet[Booking]:
    stores = policy.stores_allowing(request.user, CAPABILITY)
    rows = Booking.objects.visible_to(request.user).filter(store_id__in=stores)
    return rows.select_related("vehicle", "customer", "asked_by", "store")


def _first_day(request: HttpRequest, today: date) -> date:
    try:
        return parse_date(request.GET.get("day", "")) or today
    except RuleBroken:
        return today


def _span(request: HttpRequest) -> str:
    asked = request.GET.get("span", "")
    return asked if asked in SPANS else "day"


def _fields(span: str, first: date) -> list[dict[str, Any]]:
    spans = [("day", _("One day")), ("week", _("Seven days"))]
    return [
        {"name": "span", "label": _("Span"), "value": span, "options": spans},
        {"name": "day", "label": _("From day"), "value": first.isoformat()},
    ]


def _line(booking: Booking, today: date, *, is_late: bool = False) -> dict[str, Any]:
    steps = [(to, word) for to, word in STEPS.items() if may_go(booking.state, to, booking.wanted_on, today)]
    return {
        "booking": booking,
        "plate": plates.grouped(booking.vehicle.plate_no),
        "steps": steps,
        "kind": {"came": "ok", "missed": "bad", "cancelled": "pause"}.get(booking.state, "warn" if is_late else ""),
        "is_late": is_late,
    }


@guard.needs(CAPABILITY)
@require_POST
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what became of a booking; back to the list, or to the card that it was said on."""
    booking = guard.get_or_404(Booking.objects.all(), request, pk=pk)
    guard.require(request, CAPABILITY, booking)
    to = request.POST.get("to", "")
    try:
        if to not in STEPS:
            raise RuleBroken(_("Choose one of the entries offered here."))
        done = bookings.STEPS[Booking.State(to)](
            booking.pk, by=guard.acting(request, booking.store_id), today=clock.today()
        )
        messages.success(request, _("The booking stands as “%(state)s”.") % {"state": done.get_state_display()})
    except RuleBroken as refused:
        messages.error(request, refused.message)
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """Where the button was pressed: one of our own pages."""
    return own_page(request, request.POST.get("back", ""), reverse("customers:bookings"))


@guard.needs(CAPABILITY)
def new(request: HttpRequest, customer_pk: int, pk: int) -> HttpResponse:
    """Book a visit of one of the customer's cars."""
    customer = customer_or_404(request, customer_pk)
    guard.require(request, CAPABILITY, customer)
    vehicle = guard.get_or_404(Vehicle.objects.filter(roles__customer=customer).distinct(), request, pk=pk)
    by = guard.acting(request, customer.store_id)
    form = BookingForm(request.POST or None, initial={"wanted_on": clock.today() + timedelta(days=1)})
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        if try_to(form, lambda: bookings.ask(vehicle.pk, customer_id=customer.pk, by=by, now=clock.now(), **sent)):
            return saved(request, customer, "bookings")
    return form_page(request, "customers/booking.html", {"form": form, "customer": customer, "vehicle": vehicle})


def of_card(vehicle_ids: list[int], today: date, customer_ids: Collection[int]) -> list[dict[str, Any]]:
    """For a card: the bookings of its cars, those to come first, then the newest few; not those that others asked for.

    Who asked is not always known: those for a day to come are shown all the same.
    """
    rows = Booking.objects.filter(vehicle_id__in=vehicle_ids).select_related("vehicle", "asked_by")
    rows = rows.filter(Q(customer_id__in=customer_ids) | Q(customer=None, wanted_on__gte=today))
    ahead = list(rows.ahead(today)[:10])
    over = rows.exclude(pk__in=[one.pk for one in ahead]).order_by("-wanted_on", "-pk")[:3]
    late = {one.pk for one in over if one.state in STANDING}
    return [_line(one, today, is_late=one.pk in late) for one in [*ahead, *over]]
