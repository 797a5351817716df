"""The manager's page of the team: who is there, what waits for whom, what nobody may make; the numbers of the desk."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm_site.accounts import guard
from crm_site.accounts.models import Employee, Role, Store
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.worktime.models import Absence
from revisits import actions
from revisits.forms.team import DeskForm
from revisits.models import CallerSettings, DeskSettings, Revisit
from revisits.queries import ahead, leaving, pool, team
from revisits.views.assign import FREE, GIVEN, chosen_store, stores_managed
from revisits.views.leave import hand_overs
from revisits.views.shift import forecast

#: who calls for a store
CALLERS = (Role.SPECIALIST, Role.MANAGER)


@guard.needs("revisits.manage")
def overview(request: HttpRequest) -> HttpResponse:
    """What waits for the manager, the callers of today, the days ahead, and the latest hand-overs."""
    store, now, today = chosen_store(request), clock.now(), clock.today()
    if store is None:
        return render(request, "revisits/team.html", {"store": None})
    rows = Revisit.objects.filter(store=store)
    absent = list(Absence.objects.filter(store=store).on(today).select_related("employee"))
    context = {
        "store": store,
        "stores": list(Store.objects.filter(pk__in=stores_managed(request))),
        "figures": _figures(store, rows, len(absent)),
        "callers": _callers(store),
        "leavers": _leavers(store),
        "hand_overs": hand_overs(request, store=store),
        "forecast": forecast(ahead.of_store(store, now=now, today=today), store, today),
    }
    return render(request, "revisits/team.html", context)


def _figures(store: Store, rows: Any, absent: int) -> list[dict[str, Any]]:
    """What waits for the manager: calls to give, calls that nobody may make, permissions, people away."""
    today = clock.today()
    to_give = rows.filter(head=None, assigned_to=None, rule_version__owner_role=Role.MANAGER, due_on__lte=today)
    to_give = to_give.filter(state__in=("due", "in_progress")).count()
    barred = team.nobody_may(store.pk, today).count()
    given = rows.open().filter(assigned_to__isnull=False).count()
    allowed = rows.open().filter(override_by__isnull=False).count()
    here = f"?store={store.pk}"
    return [
        {"label": _("To be given"), "value": to_give, "note": _("nobody calls them until then"),
         "url": f"{reverse('revisits:assign')}{here}&show={FREE}", "kind": "accent" if to_give else "", "wide": True},
        {"label": _("Nobody may make"), "value": barred, "note": _("everybody here served"),
         "url": f"{reverse('revisits:nobody')}{here}", "kind": "warn" if barred else "", "wide": True},
        {"label": _("Given to somebody"), "value": given,
         "note": _("%(count)s with a permission") % {"count": allowed},
         "url": f"{reverse('revisits:assign')}{here}&show={GIVEN}"},
        {"label": _("Away today"), "value": absent, "note": _("absences"), "url": reverse("worktime:absences")},
    ]  # fmt: skip


def _callers(store: Store) -> list[dict[str, Any]]:
    """Everybody who calls here with what waits for them personally."""
    now, today = clock.now(), clock.today()
    people = list(pool.callers([store.pk], today, CALLERS).order_by("name", "pk"))
    waiting = leaving.counts(people, now=now)
    away = {row.employee_id: row for row in Absence.objects.filter(store=store).on(today)}
    made = team.made_on(store.pk, today)
    held = dict(team.held(store.pk, now))
    return [
        {
            "employee": one,
            "waiting": waiting[one.pk],
            "held": held.get(one.pk, 0),
            "dialled": made.get(one.pk, (0, 0))[0],
            "reached": made.get(one.pk, (0, 0))[1],
            "absence": away.get(one.pk),
        }
        for one in people
    ]


def _leavers(store: Store) -> list[dict[str, Any]]:
    """Those who have left, or soon leave, and still have calls of their own."""
    people = list(Employee.objects.filter(store=store, left_on__isnull=False).order_by("-left_on")[:50])
    waiting = leaving.counts(people, now=clock.now())
    return [{"employee": one, "waiting": waiting[one.pk]} for one in people if waiting[one.pk]]


# ---- the desk's numbers ----------------------------------------------------------------------------------------------


@guard.needs("revisits.manage")
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    """How much the desk of a store can dial, and what certain callers dial."""
    store = guard.get_or_404(Store.objects, request, pk=pk)
    row = DeskSettings.objects.filter(store=store).first() or DeskSettings(store=store)
    own = dict(CallerSettings.objects.filter(store=store).values_list("employee_id", "dials_a_day"))
    people = list(pool.callers([store.pk], clock.today(), CALLERS).order_by("name", "pk"))
    form = DeskForm(request.POST or None, instance=row, people=people, own=own, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_desk(
                store.pk,
                {name: form.cleaned_data[name] for name in DeskForm.Meta.fields},
                form.own(),
                shown=form.cleaned_data["version"],
                by=guard.acting(request, store.pk),
            )
            messages.success(request, _("The numbers of the desk are saved; they hold from the next run on."))
            return redirect(f"{reverse('revisits:team')}?store={store.pk}")
        except RuleBroken as refused:
            form.add_error(None, refused.message)
    context = {"form": form, "store": store, "title": pgettext("call desk", "Numbers of the desk")}
    return render(request, "revisits/desk_settings.html", context, status=422 if form.is_bound else 200)
