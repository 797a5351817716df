"""One change for all that a list shows: choose it, see for how many, confirm, and read what came of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts import guard
from crm_site.accounts.models import Employee
from crm_site.accounts.places import place_of
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers import filtering
from customers.actions import bulk as changes
from customers.models import BulkChange, Customer, ValueClass

Change = BulkChange.Change
#: customers named of each reason to leave them
NAMED = 20
WHY_LEFT = {
    changes.NO_RIGHT: gettext_lazy("You may no longer change customers of this store"),
    changes.GONE: gettext_lazy("Merged, anonymised or no longer in this store"),
    changes.RESTRICTED: gettext_lazy("The card is restricted"),
    changes.SAME: gettext_lazy("Was so already"),
}


@guard.needs(changes.CAPABILITY)
@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """Choose a change for the customers that the filters of the address leave in one store."""
    place, query = place_of(request, changes.CAPABILITY), filtering.parse(request.GET)
    by = guard.acting(request, place.store.pk)
    rows = Customer.objects.visible_to(request.user).filter(store=place.store)
    listing = filtering.Listing(rows, query, clock.today(), [place.store.pk], user=request.user)
    refused = None
    if request.method == "POST":
        try:
            made = _prepare(request, listing, query, by)
            return redirect("customers:bulk_change", made.pk)
        except RuleBroken as broken:
            refused = broken
    context = {
        "place": place,
        "count": listing.count(),
        "filters": filtering.describe(query, stores=[place.store.pk]),
        "back": f"{reverse('customers:list')}?{urlencode(query)}",
        "kept": list(query.items()),
        "changes": _choices(place.store.pk),
        "chosen": request.POST.get("change", ""),
        "refused": refused.message if refused else "",
        "most": changes.MOST,
    }
    return render(request, "customers/bulk.html", context, status=422 if refused else 200)


def _prepare(request: HttpRequest, listing: filtering.Listing, query: dict[str, str], by: Employee) -> BulkChange:
    change = request.POST.get("change", "")
    value = "" if change == Change.CHECK else request.POST.get(f"value_{change}", "")
    rows = filtering.narrow(listing.rows, query, today=listing.today, stores=listing.stores)
    return changes.prepare(
        by.store_id, rows, change=change, value=value, query=urlencode(query), by=by, now=clock.now()
    )


def _choices(store_id: int) -> list[dict[str, Any]]:
    """What can be changed, each with its values."""
    staff = Employee.objects.filter(store_id=store_id, left_on=None).order_by("name", "pk")
    return [
        {
            "code": Change.KEEPER,
            "label": Change.KEEPER.label,
            "options": [("", _("No named owner")), *((str(one.pk), one.name) for one in staff)],
        },
        {
            "code": Change.VALUE,
            "label": Change.VALUE.label,
            "options": [*ValueClass.choices, ("", _("None: reckon it again"))],
        },
        {"code": Change.CHECK, "label": Change.CHECK.label, "options": []},
    ]


@guard.needs(changes.CAPABILITY)
@never_cache
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """A change before it is confirmed, while it runs (asked every 2 s), and what came of it."""
    bulk = guard.get_or_404(BulkChange.objects.select_related("store", "created_by"), request, pk=pk)
    total = len(bulk.counted)
    context = {
        "bulk": bulk,
        "total": total,
        "what": _what(bulk),
        "filters": filtering.describe(filtering.parse(bulk.query), stores=[bulk.store_id]),
        "back": f"{reverse('customers:list')}?{bulk.query}",
        "percent": 100 * bulk.reached // total if total else 0,
        "skipped": _skipped(request, bulk),
        "left": bulk.reached - bulk.changed,
        "running_url": reverse("customers:bulk_change", args=[bulk.pk]),
    }
    is_part = request.headers.get("HX-Target") == "progress" and not bulk.finished_at
    return render(request, "customers/bulk_running.html" if is_part else "customers/bulk_change.html", context)


def _what(bulk: BulkChange) -> str:
    """The change in words."""
    if bulk.change == Change.CHECK:
        return str(Change.CHECK.label)
    if bulk.change == Change.VALUE:
        word = dict(ValueClass.choices).get(bulk.value, _("none: reckon it again"))
    else:
        keeper = Employee.objects.filter(pk=int(bulk.value), store_id=bulk.store_id).first() if bulk.value else None
        word = keeper.name if keeper else _("No named owner")
    return _("%(what)s: %(word)s") % {"what": Change(bulk.change).label, "word": word}


def _skipped(request: HttpRequest, bulk: BulkChange) -> list[dict[str, Any]]:
    """Who was left and why; names only of cards that the reader may see."""
    keys = [key for found in bulk.skipped.values() for key in found[:NAMED]]
    names = dict(Customer.objects.visible_to(request.user).filter(pk__in=keys).values_list("pk", "name"))
    return [
        {
            "why": WHY_LEFT.get(why, why),
            "count": len(found),
            "named": [{"pk": key, "name": names[key]} for key in found[:NAMED] if key in names],
            "is_cut": len(found) > NAMED,
        }
        for why, found in bulk.skipped.items()
    ]


@require_POST
@guard.needs(changes.CAPABILITY)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the change begin; a few are done at once."""
    bulk = guard.get_or_404(BulkChange.objects, request, pk=pk)
    by, now = guard.acting(request, bulk.store_id), clock.now()
    try:
        bulk = changes.confirm(bulk.pk, by=by, now=now)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect("customers:bulk_change", bulk.pk)
    if len(bulk.counted) <= changes.AT_ONCE:
        changes.finish(bulk.pk, now=now, today=clock.business_day(now))
    return redirect("customers:bulk_change", bulk.pk)
