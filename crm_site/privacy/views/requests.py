"""What customers ask about their data: the list, taking a request, deciding it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm_site.accounts import guard
from crm_site.privacy.views.tabs import tabs


@guard.needs("privacy.requests")
def home(request: HttpRequest) -> HttpResponse:
    """The requests of one's stores."""
    return render(request, "privacy/requests.html", {"tabs": tabs(request, "privacy:home")})
