"""The home page: what needs this person now."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm_site.accounts import policy
from crm_site.accounts.guard import needs
from crm_site.accounts.models import Role
from crm_site.accounts.places import may_set_company
from crm_site.core import clock
from crm_site.dashboard.blocks import Moment, blocks_for
from crm_site.worktime import calendars


@needs("home")
def home(request: HttpRequest) -> HttpResponse:
    """The blocks of every role that the user has in the visible stores, warnings first."""
    at = Moment(request, clock.now(), clock.today())
    context = {
        "today": at.today,
        "blocks": blocks_for(at),
        "takes_calls": at.is_any(Role.SPECIALIST, Role.FRONTLINE),
        "missing": calendars.missing_years(at.today) if policy.allows(request.user, "worktime.edit") else [],
        "may_enter": may_set_company(request.user, "worktime.company"),
    }
    return render(request, "dashboard/home.html", context)
