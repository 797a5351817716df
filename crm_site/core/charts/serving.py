"""Answers a request for a chart: the theme and size asked for, and the picture, kept by a hash of what it shows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag

from crm_site.core.charts.canvas import CONTENT_TYPE, THEMES

KEPT = 24 * 60 * 60  # seconds
#: everything that the picture shows, and the function (theme, narrow) that draws it
Drawing = tuple[object, Callable[[str, bool], bytes]]


def look_of(request: HttpRequest) -> tuple[str, str]:
    """The theme (light, dark) and the size (wide, narrow) that the address asks for; any other is a 404."""
    theme, size = request.GET.get("theme", "light"), request.GET.get("size", "wide")
    if theme not in THEMES or size not in ("wide", "narrow"):
        raise Http404
    return theme, size


def served(request: HttpRequest, room: str, name: str, look: tuple[str, str], drawing: Drawing) -> HttpResponse:
    """The picture as SVG, drawn once for each thing shown; 304 for who has it already. `room` parts the pictures."""
    theme, size = look
    shown, draw = drawing
    digest = hashlib.sha256(repr((name, theme, size, shown)).encode()).hexdigest()
    key = f"{room}-chart:{digest}"
    picture = cache.get(key)
    if picture is None:
        picture = draw(theme, size == "narrow")
        cache.set(key, picture, KEPT)
    answer = HttpResponse(picture, content_type=CONTENT_TYPE)
    answer["ETag"] = quote_etag(digest)
    patch_cache_control(answer, private=True, no_cache=True)
    return get_conditional_response(request, etag=answer["ETag"], response=answer) or answer
