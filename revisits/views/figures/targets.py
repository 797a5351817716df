"""The targets of a store (or the company) for a role and month, and the form that sets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee, Role, Store
from crm_site.accounts.places import may_set_company
from crm_site.core import clock
from crm_site.core.dates import Month, month_of, parse_month
from crm_site.core.errors import RuleBroken
from revisits.actions.targets import set_targets
from revisits.forms.targets import WITH_TARGET, TargetsForm
from revisits.judged import target_text
from revisits.lens import ROLES
from revisits.models import Target
from revisits.queries.targets import targets_for

CAPABILITY = "indicators.targets"
COMPANY = "company"
#: how many months, from the running one, may have targets of their own
MONTHS_AHEAD = 12


@dataclass(frozen=True)
class Place:
    """Whose targets the page shows: store None = the company, month None = every month from now on."""

    store: Store | None
    role: str
    month: Month | None
    stores: tuple[Store, ...]
    may_company: bool

    @property
    def query(self) -> str:
        """The address' query; ids and codes only."""
        month = str(self.month) if self.month else ""
        pairs = {"store": self.store.pk if self.store else COMPANY, "role": self.role, "month": month}
        return urlencode({name: value for name, value in pairs.items() if value != ""})


@guard.needs(CAPABILITY)
def targets(request: HttpRequest) -> HttpResponse:
    """What each indicator should reach in one place, where that comes from, and the form to change it."""
    place = _place(request)
    month = place.month.start if place.month else None
    rows = Target.objects.filter(store=place.store, role=place.role, month=month, until=None)
    own = {row.indicator: row for row in rows}
    form = TargetsForm(request.POST or None, own=own)
    if request.method == "POST" and form.is_valid():
        done = _save(request, place, form)
        if done:
            return done
    context = {
        "form": form,
        "fields": _fields(place),
        "lines": [_line(place, one, form, own) for one in WITH_TARGET],
        "place": place,
        "back": reverse("revisits:indicators") if policy.allows(request.user, "indicators.view") else "/",
    }
    return render(request, "revisits/figures/targets.html", context, status=422 if form.errors else 200)


def _save(request: HttpRequest, place: Place, form: TargetsForm) -> HttpResponse | None:
    month = place.month.start if place.month else None
    try:
        changed = set_targets(
            place.store, place.role, month, form.values(), by=_actor(request, place), today=clock.today()
        )
    except RuleBroken as refused:
        form.add_error(refused.field or None, refused.message)
        return None
    text = ngettext("%(count)d target set.", "%(count)d targets set.", changed)
    messages.success(request, text % {"count": changed} if changed else _("Nothing was changed."))
    return redirect(f"{reverse('revisits:targets')}?{place.query}")


def _actor(request: HttpRequest, place: Place) -> Employee:
    """Who sets them: the employee of the store; for the company that of one of their stores."""
    return guard.acting(request, place.store.pk if place.store else place.stores[0].pk)


def _place(request: HttpRequest) -> Place:
    """Store, role and month in the address; 404 for what is not this user's, and for a month that is over."""
    stores = tuple(Store.objects.filter(pk__in=policy.stores_allowing(request.user, CAPABILITY)))
    may_company = may_set_company(request.user, "worktime.company")
    asked, role = request.GET.get("store", ""), request.GET.get("role", "")
    store = next((one for one in stores if str(one.pk) == asked), None) if asked else stores[0]
    if role not in ("", *ROLES) or (store is None and not (asked == COMPANY and may_company)):
        raise Http404
    return Place(store, role, _month(request), stores, may_company)


def _month(request: HttpRequest) -> Month | None:
    written = request.GET.get("month", "")
    try:
        month = parse_month(written) if written else None
    except RuleBroken as unknown:
        raise Http404 from unknown
    now = month_of(clock.today())
    if month is not None and not now <= month < now.shift(MONTHS_AHEAD):
        raise Http404
    return month


def _fields(place: Place) -> list[dict[str, Any]]:
    now = month_of(clock.today())
    months = [now.shift(ahead) for ahead in range(MONTHS_AHEAD)]
    stores: list[tuple[Any, Any]] = [(one.pk, one.short_name) for one in place.stores]
    if place.may_company:
        stores.append((COMPANY, _("Company, where a store has none")))
    roles = [("", _("Calls of everybody")), *((role.value, Role(role).label) for role in ROLES)]
    return [
        {"name": "store", "label": _("Store"), "value": place.store.pk if place.store else COMPANY, "options": stores},
        {"name": "role", "label": _("Whose calls"), "value": place.role, "options": roles},
        {"name": "month", "label": _("Month"), "value": place.month or "",
         "options": [("", _("Every month from now on")), *((month, month) for month in months)]},
    ]  # fmt: skip


def _line(place: Place, indicator: Any, form: TargetsForm, own: dict[str, Target]) -> dict[str, Any]:
    """One indicator: its field, and what holds in the place now."""
    month = (place.month or month_of(clock.today())).start
    holding = targets_for([place.store.pk] if place.store else [], place.role, month).get(indicator.code)
    return {
        "indicator": indicator,
        "field": form[indicator.code],
        "shown": form[f"{indicator.code}@shown"],
        "sign": "≤" if indicator.better == "less" else "≥",
        "is_own": indicator.code in own,
        "holding": target_text(indicator, holding.value if holding else None),
        "origin": _origin(holding),
    }


def _origin(target: Target | None) -> str:
    """Where a target comes from, in words."""
    if target is None:
        return ""
    parts = [_("store") if target.store_id else _("company")]
    parts.append(f"{target.month:%Y-%m}" if target.month else _("every month"))
    parts.append(str(Role(target.role).label) if target.role else _("everybody"))
    return " · ".join(parts)
