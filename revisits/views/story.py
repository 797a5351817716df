"""The customer's story beside a call: asked for by the call page once it stands, not before."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm_site.accounts import guard
from crm_site.core import hooks
from crm_site.core.timeline import newest_first
from revisits.models import Revisit

#: how much of the past the page shows
EVENTS = 6


@guard.needs("revisits.call")
def story(request: HttpRequest, pk: int) -> HttpResponse:
    """The latest of what every room tells of the customer of a call."""
    task = guard.get_or_404(Revisit.objects.select_related("customer"), request, pk=pk)
    told = []
    if task.customer is not None:
        told = [event for tell in hooks.load("TIMELINE") for event in tell(request.user, task.customer)]
    return render(request, "revisits/call/story.html", {"events": newest_first(told)[:EVENTS]})
