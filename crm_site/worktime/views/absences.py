"""Pages of who is away: the list, entering an absence, taking it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.worktime import actions
from crm_site.worktime.forms import AbsenceForm
from crm_site.worktime.models import Absence

CAPABILITY = "worktime.absences"
#: how far back the list looks
PAST_DAYS = 60


@guard.needs(CAPABILITY)
def absences(request: HttpRequest) -> HttpResponse:
    """Who is away now, who will be, and who was lately."""
    today = clock.today()
    rows = Absence.objects.visible_to(request.user).filter(store_id__in=_stores(request), cancelled_at=None)
    rows = rows.filter(last__gte=today - timedelta(days=PAST_DAYS)).select_related("employee", "store", "entered_by")
    found = list(rows.order_by("first", "pk"))
    groups: list[dict[str, Any]] = [
        {"title": _("Away now"), "rows": [row for row in found if row.first <= today <= row.last]},
        {"title": _("Away soon"), "rows": [row for row in found if row.first > today]},
        {"title": _("Back again"), "rows": [row for row in reversed(found) if row.last < today], "is_past": True},
    ]
    context = {"groups": [group for group in groups if group["rows"]], "today": today}
    return render(request, "worktime/absences.html", context)


@guard.needs(CAPABILITY)
def enter(request: HttpRequest) -> HttpResponse:
    """Enter an absence; goes on to the calls that it touches."""
    form = AbsenceForm(request.POST or None, employees=_employees(request), initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        employee: Employee = said.pop("employee")
        try:
            by = guard.acting(request, employee.store_id)
            row = actions.enter_absence(employee.pk, **said, by=by, now=clock.now())
        except RuleBroken as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        else:
            messages.success(request, _("The absence of %(name)s is entered.") % {"name": employee.name})
            return redirect("revisits:leave", row.pk)
    return render(request, "worktime/absence_form.html", {"form": form})


@require_POST
@guard.needs(CAPABILITY)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an absence back; one that has begun ends yesterday."""
    row = guard.get_or_404(Absence.objects.select_related("employee"), request, pk=pk)
    name = row.employee.name
    try:
        row = actions.cancel_absence(
            row.pk, by=guard.acting(request, row.store_id), now=clock.now(), today=clock.today()
        )
    except RuleBroken as refused:
        messages.error(request, refused.message)
        return redirect("worktime:absences")
    told = _("The absence of %(name)s is taken back.") if row.cancelled_at else _("%(name)s is back from today on.")
    messages.success(request, told % {"name": name})
    return redirect("worktime:absences")


def _stores(request: HttpRequest) -> list[int]:
    return policy.stores_allowing(request.user, CAPABILITY)


def _employees(request: HttpRequest) -> Any:
    """The people of the stores that the user manages, who are employed now."""
    rows = Employee.objects.filter(store_id__in=_stores(request)).employed_on(clock.today())
    return rows.select_related("store").order_by("store_id", "name", "number")


def _initial(request: HttpRequest) -> dict[str, Any]:
    """The person whose page led here, if any; by id."""
    asked = request.GET.get("employee", "")
    today = clock.today()
    return {"employee": asked if asked.isdecimal() and len(asked) < 10 else None, "first": today, "last": today}
