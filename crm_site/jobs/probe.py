"""Answers /healthz for proxies and watchmen: before hosts, HTTPS, sessions and languages are looked at."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from crm_site.accounts import guard
from crm_site.jobs import health

ADDRESS = "/healthz"


@guard.public
@require_safe
def healthz(request: HttpRequest) -> HttpResponseBase:
    """How the installation is (jobs.health.report): 200, or 503 when the database cannot be reached."""
    found = health.report()
    answer = JsonResponse(found, status=503 if found["status"] == "down" else 200)
    answer["Cache-Control"] = "no-store"
    return answer


class HealthFirst:
    """Answers the probe ahead of other middleware: a proxy asks under any host name, by plain HTTP, without cookies."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return healthz(request) if request.path_info == ADDRESS else self.get_response(request)
