"""指标口径: how every figure is made, in one page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm_site.accounts import guard
from satisfaction.queries import dictionary as words


@guard.needs("satisfaction.view")
def dictionary(request: HttpRequest) -> HttpResponse:
    """Every entry of the metric dictionary, in groups."""
    return render(request, "satisfaction/dictionary.html", {"groups": words.groups()})
