"""The table of service intervals of a store: the rows that hold, changing one, and how many cars have followed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Store
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from crm_site.jobs.models import Job, State
from customers.actions import plans
from customers.forms import IntervalsForm, NewIntervalsForm
from customers.models import ServicePlan, Vehicle
from customers.views.access import form_page

CAPABILITY = "customers.plans"
MOST_SERIES = 100
FIELDS = ("first_km", "first_months", "next_km", "next_months")


@guard.needs(CAPABILITY)
@never_cache
def table(request: HttpRequest) -> HttpResponse:
    """Every row that holds in one store, the most general first, and what the last change did to its cars."""
    store, stores = _store(request)
    rows = _holding(store)
    context = {
        "store": store,
        "fields": _store_field(store, stores),
        "tabs": _tabs(store),
        "rows": [_line(row, store) for row in rows],
        "job": _told(plans.last_refresh(store)),
        "new_url": _address("plan_new", store),
    }
    return render(request, "customers/plans.html", context)


def _holding(store: Store) -> list[ServicePlan]:
    """One row for each series and power: the store's own where it has one, else the company's."""
    found: dict[tuple[str, str], ServicePlan] = {}
    for row in sorted(ServicePlan.objects.for_store(store.pk), key=lambda one: one.store_id is not None):
        found[row.series.casefold(), row.power] = row
    return [found[key] for key in sorted(found)]


def _line(row: ServicePlan, store: Store) -> dict[str, Any]:
    return {
        "row": row,
        "series": row.series or _("Any series"),
        "power": _power(row.power),
        "is_own": row.store_id is not None,
        "url": _address("plan", store, row.pk),
    }


def _power(code: str) -> str:
    words = dict(Vehicle._meta.get_field("power").choices or [])
    return str(words.get(code, _("Any power")))


def _told(job: Job | None) -> dict[str, Any] | None:
    """What the last change did: still at work, done with so many cars, or broken off."""
    if job is None:
        return None
    changed, cars = job.result.get("changed", 0), job.result.get("cars", 0)
    return {"job": job, "is_open": job.is_open, "is_done": job.state == State.DONE, "changed": changed, "cars": cars}


@guard.needs(CAPABILITY)
@never_cache
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one row; where it is the company's, the store gets its own row beside it."""
    store, _stores = _store(request)
    row = _row(request, pk, None, store.pk)
    own = plans.in_force(store, row.series, row.power) or row
    form = IntervalsForm(request.POST or None, initial=_initial(own))
    if request.method == "POST" and form.is_valid() and _save(request, store, form, own.series, own.power):
        return redirect(_address("plans", store))
    context = {
        "store": store, "row": own, "form": form, "back": _address("plans", store), "power": _power(own.power),
        "mark": plans.mark(own), "remove_url": _address("plan_remove", store, own.pk) if own.store_id else "",
    }  # fmt: skip
    return form_page(request, "customers/plan.html", context)


@guard.needs(CAPABILITY)
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """A row for a series and power that have none yet; one that is there already is refused with the reason."""
    store, _stores = _store(request)
    general = plans.in_force(store, "", "")
    form = NewIntervalsForm(request.POST or None, series=_series(store), initial=_initial(general) | {"shown": ""})
    if request.method == "POST" and form.is_valid():
        series, power = form.cleaned_data["series"], form.cleaned_data["power"]
        if plans.in_force(store, series, power):
            form.add_error("series", _("This series and power have a row already. Change that one."))
        elif _save(request, store, form, series, power):
            return redirect(_address("plans", store))
    context = {"store": store, "row": None, "form": form, "back": _address("plans", store)}
    return form_page(request, "customers/plan.html", context)


def _save(request: HttpRequest, store: Store, form: IntervalsForm, series: str, power: str) -> bool:
    by = guard.acting(request, store.pk)
    try:
        plans.save_plan(
            store, series=series, power=power, values=form.values(), shown=form.cleaned_data["shown"], by=by
        )
    except RuleBroken as broken:
        if broken.code == "overlap":  # now it counts as seen: saving once more is a decision
            form.data = {**form.data.dict(), "shown": plans.mark(plans.in_force(store, series, power))}  # type: ignore[attr-defined]
        refuse(form, broken)
        return False
    messages.success(request, _("Saved. The dates of the cars are being reckoned anew."))
    return True


@guard.needs(CAPABILITY)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a store's own row out, so that the more general one holds again."""
    store, _stores = _store(request)
    row = _row(request, pk, store.pk)
    try:
        plans.remove_plan(row.pk, shown=request.POST.get("shown", ""), by=guard.acting(request, store.pk))
        messages.success(request, _("Taken out. The dates of the cars are being reckoned anew."))
    except RuleBroken as broken:
        messages.error(request, broken.message)
    return redirect(_address("plans", store))


def _row(request: HttpRequest, pk: int, *owners: int | None) -> ServicePlan:
    """A row that belongs to one of these stores, None for the company; another one of the user's stores is 404 too."""
    row: ServicePlan = guard.get_or_404(ServicePlan.objects.all(), request, pk=pk)
    if row.store_id not in owners:
        raise Http404
    return row


def _initial(row: ServicePlan | None) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in FIELDS} if row else {}
    return values | {"shown": plans.mark(row)}


def _series(store: Store) -> list[str]:
    rows = Vehicle.objects.filter(store=store).exclude(series="").order_by("series")
    return list(rows.values_list("series", flat=True).distinct()[:MOST_SERIES])


def _store(request: HttpRequest) -> tuple[Store, list[Store]]:
    """The store in the address, else the first whose plans the user keeps; 404 for another's."""
    stores = list(Store.objects.filter(pk__in=policy.stores_allowing(request.user, CAPABILITY)))
    asked = request.GET.get("store", "")
    chosen = next((store for store in stores if str(store.pk) == asked), None) if asked else stores[0]
    if chosen is None:
        raise Http404
    return chosen, stores


def _store_field(store: Store, stores: list[Store]) -> list[dict[str, Any]]:
    if len(stores) < 2:
        return []
    options = [(one.pk, one.short_name) for one in stores]
    return [{"name": "store", "label": _("Store"), "value": store.pk, "options": options}]


def _address(name: str, store: Store, *args: Any) -> str:
    return f"{reverse(f'customers:{name}', args=args)}?store={store.pk}"


def _tabs(store: Store) -> list[dict[str, Any]]:
    """The pages that say what the desk goes by; the others belong to the room of the calls."""
    words = {
        "revisits:rules": _("Rules"), "revisits:results": _("Call results"), "revisits:scripts": _("Scripts"),
        "customers:plans": _("Service intervals"),
    }  # fmt: skip
    return [
        {"label": word, "url": f"{reverse(name)}?store={store.pk}", "current": name == "customers:plans"}
        for name, word in words.items()
    ]
