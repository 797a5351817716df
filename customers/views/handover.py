"""转让: the page on which a car goes to its next owner."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm_site.accounts import guard, policy
from crm_site.core import clock
from customers import holders, search
from customers.actions import handover
from customers.forms.handover import KNOWN, NEW, HandoverForm
from customers.models import Customer, Vehicle
from customers.views.access import form_page, try_to
from customers.views.lists import line, with_numbers_and_cars

#: cards offered at once; more words find fewer
MOST = 10


@guard.needs("customers.edit")
@never_cache
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Say on which day a car changed hands, and to whom; the words that find the new owner come by POST."""
    vehicle = guard.get_or_404(Vehicle.objects.select_related("store"), request, pk=pk)
    guard.require(request, "customers.edit", vehicle)
    by, now = guard.acting(request, vehicle.store_id), clock.now()
    form = HandoverForm(
        request.POST or None, customers=_cards(request, vehicle), today=clock.today(), initial={"to": KNOWN}
    )
    is_looking = "look" in request.POST
    if request.method == "POST" and not is_looking and form.is_valid():
        sent = form.cleaned_data
        to = {KNOWN: sent["customer"], NEW: handover.NewOwner(sent["name"], sent["phone"])}.get(sent["to"])
        way = {"on": sent["day"], "to": to, "submission": sent["submission"]}
        if try_to(form, lambda: handover.hand_over(pk, **way, by=by, now=now)):
            text = _("The car has changed hands. Calls to the former owner about it end by themselves.")
            messages.success(request, text)
            return redirect("customers:car", pk)
    context = _context(request, vehicle, form)
    if is_looking:
        form.errors.clear()
        return render(request, "customers/handover.html", context)
    return form_page(request, "customers/handover.html", context)


def _cards(request: HttpRequest, vehicle: Vehicle) -> Any:
    return Customer.objects.visible_to(request.user).filter(store_id=vehicle.store_id, restricted=False)


def _context(request: HttpRequest, vehicle: Vehicle, form: HandoverForm) -> dict[str, Any]:
    """The form with the cards that the words find; the present owner is not among them."""
    may_restrict = policy.allows(request.user, "customers.restrict", vehicle.store_id)
    people = holders.of_car(vehicle, clock.today(), sees_restricted=may_restrict)
    typed = (form["find"].value() or form["phone"].value() or "").strip() if form.is_bound else ""
    owner_id = people.owner.pk if people.owner else None
    ids = [hit.customer.pk for hit in search.find(request.user, typed)] if typed else []
    rows = with_numbers_and_cars(_cards(request, vehicle).filter(pk__in=ids).exclude(pk=owner_id))
    known = {customer.pk: customer for customer in rows.select_related("store")}
    return {
        "form": form,
        "vehicle": vehicle,
        "people": people,
        "typed": typed,
        "hits": [line(known[pk]) for pk in ids if pk in known][:MOST],
        "chosen": str(form["customer"].value() or ""),
    }
