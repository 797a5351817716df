"""The answers to what goes wrong: plain words, what to do now, the request's id, and nothing of the inside."""

from __future__ import annotations

import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist, TemplateSyntaxError, loader
from django.utils import translation

from crm_site.core import tracing

#: seconds after which it is worth trying again when the database is away
AWAY_SECONDS = 15
#: what htmx puts among the toasts, for it must not replace what was typed
TOLD_TO_FRAGMENTS = (413, 429, 503)
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
#: when not even the templates can be read (static files not collected, a broken disk); says nothing that may be wrong
_LAST = """<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>{status}</title>
<h1>系统暂时无法显示此页</h1><p>已保存的内容不受影响。请稍后再试；如再次出现，请把下面的编号告诉信息员。</p>
<h1 lang="en">This page cannot be shown now</h1><p lang="en">What you had saved is safe. Try again in a while; if it
happens again, tell the administrator the number below.</p><p>{request_id}</p></html>"""


def answer(request: HttpRequest, status: int, *, retry_after: int = 0, **context: Any) -> HttpResponse:
    """The page of an error, in the user's language; a short word for the part of a page that htmx asked for.

    `retry_after`: seconds after which the same request may succeed, said in a header and in words.
    """
    context |= {"request_id": tracing.request_id(), "seconds": retry_after, "status": status}
    is_part = bool(request.headers.get("HX-Request")) and status in TOLD_TO_FRAGMENTS
    with translation.override(_language(request)):
        text = _rendered("errors/part.html" if is_part else f"errors/{status}.html", context)
    made = HttpResponse(text, status=status)
    if retry_after:
        made["Retry-After"] = str(retry_after)
    if is_part:
        made["HX-Retarget"], made["HX-Reswap"] = "#toasts", "innerHTML"  # one word, however often it is said
    return made


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; what is simply too much is 413."""
    return answer(request, 413 if isinstance(exception, TOO_MUCH) else 400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the sentence that the view gave, if any."""
    return answer(request, 403, exception=str(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404; the address stays out of the page."""
    return answer(request, 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Tell the user that the page was too old to be accepted, and what to do; the technical reason stays out."""
    return answer(request, 403, is_old=True)


def failed(request: HttpRequest) -> HttpResponse:
    """500 for a mistake of ours, 503 while the database is away or too busy; neither asks the database for anything."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return answer(request, 503, retry_after=AWAY_SECONDS, typed=_typed(request), path=request.get_full_path())
    return answer(request, 500)


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What a form was just sending, so that it can be sent once more: a browser does not keep it on a page of ours.

    Nothing of a form with secrets or files: those are neither shown again nor to be kept in a page.
    """
    sent = getattr(request, "_post", None)  # whatever was not read before the fault is not read now
    if request.method != "POST" or not sent or request.FILES or hasattr(request, "sensitive_post_parameters"):
        return []
    return [(name, value) for name, values in sent.lists() for value in values]


def _language(request: HttpRequest) -> str:
    """The user's language; where nothing has asked for it yet, what the cookie or the browser says."""
    known = getattr(request, "LANGUAGE_CODE", "") and translation.get_language()
    return known or translation.get_language_from_request(request)


def _rendered(template: str, context: dict[str, Any]) -> str:
    try:
        return loader.render_to_string(template, context)
    except (TemplateDoesNotExist, TemplateSyntaxError, ValueError, OSError):
        return _LAST.format(status=context["status"], request_id=context["request_id"])
