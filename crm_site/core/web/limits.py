"""Counts costly requests by person and minute, and answers 429 with the seconds to wait when there are too many."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from crm_site.core.web import costs, errors, proxies
from crm_site.core.web.requests import route_of

logger = logging.getLogger(__name__)
WINDOW = 60


class Limits:
    """Stands before the body of a request is read. Counts live in the cache; where that is away, in this process."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Refuse what is over a limit."""
        if not settings.RATE_LIMITS:
            return None
        now = int(time.time())
        for limit, who in asked_for(request):
            number = count(limit, who, now)
            if number > limit.times:
                if number == limit.times + 1:  # once a minute is enough for the log
                    logger.warning("limit of %s reached", limit.name, extra={"user": request.user.pk})
                return errors.answer(request, 429, retry_after=WINDOW - now % WINDOW)
        return None


def asked_for(request: HttpRequest) -> Iterator[tuple[costs.Limit, str]]:
    """The counts that a request belongs to, and whose they are."""
    limit = costs.OF_PAGE.get(route_of(request))
    if request.user.is_authenticated:
        who = f"user:{request.user.pk}"
        if limit and limit is not costs.OPEN:
            yield limit, who
        if request.method == "POST":
            yield costs.WRITES, who
    elif limit is costs.OPEN:
        yield limit, f"address:{proxies.counted_address(request)}"


def count(limit: costs.Limit, who: str, now: int) -> int:
    """Count one request in its minute; gives how many there are."""
    key = f"limit:{limit.name}:{who}:{now // WINDOW}"
    cache.add(key, 0, 2 * WINDOW)
    try:
        return cache.incr(key)
    except ValueError:  # Redis went or came back between the two questions
        return 1
