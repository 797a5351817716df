"""Looks at a request before anything of its body is read: its method, and how much it wants to bring."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from crm_site.core.web import errors

METHODS = frozenset({"GET", "HEAD", "POST"})
MEGABYTE = 1024 * 1024
#: a form of the longest texts; files aside
FORM_BYTES = 3 * MEGABYTE
#: what somebody may bring who is not signed in: a questionnaire, a sign-in
OPEN_BYTES = MEGABYTE // 4
#: of a length that is told, zeros in front of it counted
MOST_DIGITS = 18
#: pages that take files -> how many of the largest allowed size at once; beside them stands the rest of the form
UPLOADS = {
    "imports:upload": 1,
    "complaints:new": 4,
    "complaints:foresee": 4,
    "complaints:attach": 4,
    "reports:bring_layout": 1,
    "satisfaction:tree_import": 1,
}
#: A browser shows our answer only if it may finish sending: so much more is taken and thrown away, for so long.
LEFT_BYTES, LEFT_SECONDS, BLOCK = 256 * MEGABYTE, 3.0, MEGABYTE


class Door:
    """Refuses unread what nobody may send: other methods (405), bodies without a length (411), too large ones (413)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, unless the method is none of ours; an empty 405 of a page gets its words."""
        if request.method not in METHODS:
            return _other_method(request, ", ".join(sorted(METHODS)))
        answer = self.get_response(request)
        if answer.status_code == 405 and not getattr(answer, "content", b"?"):
            return _other_method(request, answer.headers.get("Allow", ""))
        return answer

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Compare the length that the request says with what this page takes from this user."""
        if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
            return _refused(request, 411)
        told = str(request.META.get("CONTENT_LENGTH") or 0)
        if not (told.isascii() and told.isdecimal()):
            return _refused(request, 400)
        limit = _limit(request)
        fits = len(told) <= MOST_DIGITS and int(told) <= limit  # Python reads no number of thousands of digits
        return None if fits else _refused(request, 413, megabytes=max(1, limit // MEGABYTE))


def _limit(request: HttpRequest) -> int:
    """How many bytes this page takes from this user."""
    if not request.user.is_authenticated:
        return OPEN_BYTES
    match = request.resolver_match
    files = UPLOADS.get(match.view_name, 0) if match else 0
    return int(FORM_BYTES + files * settings.MAX_UPLOAD_BYTES)


def _other_method(request: HttpRequest, allowed: str) -> HttpResponse:
    answer = errors.answer(request, 405)
    answer["Allow"] = allowed
    return answer


def _refused(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    """The refusal; what the client is still sending is thrown away behind it."""
    answer = errors.answer(request, status, **context)
    line = request.META.get("gunicorn.socket")
    if status == 413 and line is not None:
        answer._resource_closers.append(lambda: _throw_away(request, line))  # type: ignore[attr-defined]
    return answer


def _throw_away(request: HttpRequest, line: socket.socket) -> None:
    left, until = LEFT_BYTES, time.monotonic() + LEFT_SECONDS
    line.settimeout(LEFT_SECONDS)
    with suppress(OSError):
        while left > 0 and time.monotonic() < until and request.META["wsgi.input"].read(BLOCK):
            left -= BLOCK
