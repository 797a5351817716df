"""Handing a questionnaire over to be answered face to face: choose what it is about, and give the device away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers.models import Delivery, RepairOrder
from satisfaction import actions
from satisfaction.forms.tablet import HandOverForm
from satisfaction.queries import sittings
from satisfaction.queries.sittings import Occasion
from satisfaction.rules.sittings import may_ask

LONGEST_SEARCH = 60


@guard.needs("satisfaction.ask")
@never_cache
def tablet(request: HttpRequest) -> HttpResponse:
    """What was delivered or handed back lately and is not answered; a search comes by POST and writes nothing."""
    today = clock.today()
    stores = policy.stores_allowing(request.user, "satisfaction.ask")
    typed = request.POST.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    rows = sittings.found(request.user, stores, typed, today) if typed else sittings.offered(stores, today)
    context = {
        "typed": typed,
        "rows": _lines(request, rows),
        "today": today,
        "many_stores": len(stores) > 1,
    }
    return render(request, "satisfaction/tablet/choose.html", context)


def _lines(request: HttpRequest, rows: Sequence[Occasion]) -> list[dict[str, Any]]:
    """Each occasion with whether this user may ask about it."""
    user: Any = request.user
    own = set(Employee.objects.filter(user=user).values_list("pk", flat=True))
    return [
        {
            "occasion": one,
            "url_name": "satisfaction:tablet_delivery" if one.delivery else "satisfaction:tablet_order",
            "may_ask": all(may_ask(pk, one.served) for pk in own),
            "served": ", ".join(person.name for person in one.served.values()),
        }
        for one in rows
    ]


@guard.needs("satisfaction.ask")
@never_cache
def tablet_delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand over the questionnaire about a delivery."""
    return _hand_over(request, Occasion(guard.get_or_404(sittings.deliveries(Delivery.objects.all()), request, pk=pk)))


@guard.needs("satisfaction.ask")
@never_cache
def tablet_order(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand over the questionnaire about a visit."""
    return _hand_over(request, Occasion(guard.get_or_404(sittings.orders(RepairOrder.objects.all()), request, pk=pk)))


def _hand_over(request: HttpRequest, occasion: Occasion) -> HttpResponse:
    """Say what will happen; on POST end this session and open the customer's page."""
    by, now = guard.acting(request, occasion.row.store_id), clock.now()
    versions = sittings.forms_for(occasion.kind, occasion.row.store_id)
    form = HandOverForm(request.POST or None, versions=versions, initial={"form": versions[0].pk if versions else None})
    if request.method == "POST" and form.is_valid():
        try:
            sitting = actions.hand_over(
                occasion, form.chosen(), by=by, at=now, submission=form.cleaned_data["submission"]
            )
        except RuleBroken as refused:
            form.add_error(None, refused.message)
        else:
            # from here on the device is in the customer's hands: nobody is signed in on it
            logout(request)
            return redirect("satisfaction:sitting", key=sitting.key)
    context = {
        "occasion": occasion,
        "form": form,
        "versions": versions,
        "refused": _refusal(occasion, by),
        "chosen": form["form"].value(),
    }
    return render(request, "satisfaction/tablet/hand_over.html", context, status=422 if form.errors else 200)


def _refusal(occasion: Occasion, by: Employee) -> str:
    """Why this employee cannot ask; '' where they can."""
    try:
        actions.check_hand_over(occasion, by=by, at=clock.now())
    except RuleBroken as refused:
        return refused.message
    return ""
