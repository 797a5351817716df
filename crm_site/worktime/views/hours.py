"""Pages of the weekly pattern: the overview of all stores, opening hours, the desk's rota."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Store
from crm_site.accounts.places import may_set_company
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.worktime import actions, calendars, rules, wording
from crm_site.worktime.forms import WeekForm
from crm_site.worktime.models import CalendarDay

COMING_DAYS = 3


@guard.needs("worktime.view")
def overview(request: HttpRequest) -> HttpResponse:
    """Every visible store with its hours, its desk and the next days that differ."""
    allowed = policy.stores_allowing(request.user, "worktime.view")
    stores = list(Store.objects.visible_to(request.user).filter(pk__in=allowed))
    ids = [store.pk for store in stores]
    hours, desks = calendars.opening_weeks(ids), calendars.desk_weeks(ids)
    today = clock.today()
    open_here = policy.open_to(request.user, "worktime.view")
    coming = CalendarDay.objects.visible_to(request.user).filter(open_here, day__gte=today)
    rows = [
        {
            "store": store,
            "hours": wording.week_lines(hours[store.pk]),
            "desk": wording.week_lines(desks[store.pk]),
            "may_edit": policy.allows(request.user, "worktime.edit", store.pk),
        }
        for store in stores
    ]
    context = {
        "rows": rows,
        "coming": coming.select_related("store")[:COMING_DAYS],
        "missing": calendars.missing_years(today),
        "may_enter": may_set_company(request.user, "worktime.company"),
        "may_absences": policy.allows(request.user, "worktime.absences"),
    }
    return render(request, "worktime/overview.html", context)


@dataclass(frozen=True)
class WeekPage:
    """What tells the two pages about a week apart: which table, how many shifts a day, which words."""

    read: Callable[[int], rules.Week]
    write: Callable[..., Store]
    shifts: int  # empty pairs that are offered; a day that has more shows them all
    heading: str | Promise
    note: str | Promise
    done: str | Promise
    submit: str | Promise


HOURS_PAGE = WeekPage(
    read=calendars.opening_week,
    write=actions.set_opening_hours,
    shifts=2,
    heading=_("Opening hours"),
    note=_("Limits of complaints count in these hours. An empty row is a closed day."),
    done=_("The opening hours of %(store)s are saved."),
    submit=_("Save the opening hours"),
)
DESK_PAGE = WeekPage(
    read=calendars.desk_week,
    write=actions.set_desk_rota,
    shifts=1,
    heading=_("Desk rota"),
    note=_("Revisits fall due only on days when the desk is staffed. An empty row is a day without calls."),
    done=_("The desk rota of %(store)s is saved."),
    submit=_("Save the desk rota"),
)


@guard.needs("worktime.edit")
def opening_hours(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit the opening hours of a store, split shifts included."""
    return _edit_week(request, pk, HOURS_PAGE)


@guard.needs("worktime.edit")
def desk_rota(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit on which weekdays, and when, the calling desk of a store is staffed."""
    return _edit_week(request, pk, DESK_PAGE)


def _edit_week(request: HttpRequest, pk: int, page: WeekPage) -> HttpResponse:
    """Show the week of a store as a form, and write what comes back."""
    store = guard.get_or_404(Store.objects, request, pk=pk)
    if not policy.allows(request.user, "worktime.edit", store.pk):
        guard.refuse(request, "role", store)
    form = WeekForm(request.POST or None, week=page.read(store.pk), shifts=page.shifts)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            page.write(store.pk, data["week"], shown=data["shown"], by=guard.acting(request, store.pk))
        except RuleBroken as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, str(page.done) % {"store": store})
            return redirect("worktime:overview")
    return render(request, "worktime/week.html", {"store": store, "form": form, "page": page})
