"""Puts the headers of safety on every answer, and keeps what is meant for one person out of every cache."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from crm_site.core.web import policy


class SafetyHeaders:
    """Closed unless said otherwise: only an answer that calls itself public (a static file) may be kept by anybody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with the headers."""
        answer = self.get_response(request)
        for name, value in policy.HEADERS.items():
            answer.headers.setdefault(name, value)
        if answer.headers.get("Content-Disposition", "").startswith("attachment"):
            answer["Content-Security-Policy"] = policy.FILE_POLICY
        told = answer.headers.get("Cache-Control", "")
        # Desks are shared: after signing out, "back" must not show customers out of the browser's memory.
        if "public" not in told and "no-store" not in told:
            answer["Cache-Control"] = policy.PRIVATE
        return answer
