"""Gives every request an id and writes one line about it: which page, by whom, how it ended, how long it took."""

import logging
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from crm_site.core import tracing
from crm_site.core.web import proxies

HEADER = "X-Request-ID"
#: a probe asks every few seconds
UNSAID = frozenset({"/healthz"})
logger = logging.getLogger("huifang.request")


class RequestLine:
    """The outermost middleware. The line holds the page's name instead of its address, and the user's key."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer under an id of our own, or our proxy's."""
        request_id = proxies.told_id(request) or secrets.token_hex(8)
        began = time.perf_counter()
        with tracing.request(request_id):
            answer = self.get_response(request)
            answer[HEADER] = request_id
            _note(request, answer.status_code, 1000 * (time.perf_counter() - began))
        return answer


def route_of(request: HttpRequest) -> str:
    """The name of the page that was asked for, never the address; '-' for what is no page of ours."""
    match = request.resolver_match
    return match.view_name if match else "-"


def _note(request: HttpRequest, status: int, milliseconds: float) -> None:
    # Asking `request.user` would ask the database; who was asked for already is kept here.
    user = getattr(request, "_cached_user", None)
    if request.path_info in UNSAID:
        return
    facts = {
        "route": route_of(request),
        "method": request.method if (request.method or "").isalpha() else "?",
        "status": status,
        "ms": round(milliseconds, 1),
        "user": getattr(user, "pk", None),
    }
    logger.info("answered", extra=facts)
