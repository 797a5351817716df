"""The log of exports: which personal data left the house, by whom, why."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm_site.accounts import guard
from crm_site.privacy.views.tabs import tabs


@guard.needs("privacy.log")
def log(request: HttpRequest) -> HttpResponse:
    """The exports of one's stores, newest first."""
    return render(request, "privacy/exports.html", {"tabs": tabs(request, "privacy:exports")})
