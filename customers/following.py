"""Leads whoever asks for a card that was merged to the card that stands for it now."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from customers.models import Customer


class MergedAway(Http404):
    """The card was merged into another one, which the user may see; without the middleware simply not found."""

    def __init__(self, survivor_id: int) -> None:
        super().__init__()
        self.survivor_id = survivor_id


def lead_on(request: HttpRequest, pk: int | None) -> None:
    """Raise MergedAway where this card was merged into one that the user may see."""
    into = Customer.objects.filter(pk=pk, merged_into__isnull=False).values("merged_into_id")
    survivor = Customer.objects.visible_to(request.user).filter(pk__in=into).first()
    if survivor is not None:
        raise MergedAway(survivor.pk)


class FollowMerged:
    """Answers a request for a merged card with the way to the one that stands for it, and says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The redirect; None for every other exception."""
        if not isinstance(exception, MergedAway):
            return None
        if request.method in ("GET", "HEAD"):
            messages.info(request, _("The card you asked for was merged into this one."))
        else:
            messages.warning(request, _("That card was merged into this one meanwhile. Nothing was saved."))
        return redirect("customers:card", exception.survivor_id)
