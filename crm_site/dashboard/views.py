"""The home page: what needs this person now."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm_site.accounts.guard import needs
from crm_site.core import clock


@needs("home")
def home(request: HttpRequest) -> HttpResponse:
    """The tiles of every role that the user has in the visible stores."""
    return render(request, "dashboard/home.html", {"today": clock.today()})
