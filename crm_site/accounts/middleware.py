"""Ends sessions that may not go on, applies the header's store switch and the user's language, keeps caches out."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from crm_site.accounts import sign_in_rules
from crm_site.accounts.sessions import VERIFIED

#: how exactly the last use of a session is known
A_WHILE = timedelta(seconds=60)


class SessionMiddleware:
    """Lets a session go on only for who works somewhere and has given all that the rules ask for; notes its use.

    Stands before every page, file, picture and fragment. Without the second factor that the rules demand there is no
    user (accounts.views.signing), so whoever is one here without it had signed in before the rules were changed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and not _may_go_on(request):
            logout(request)
        answer = self.get_response(request)
        if request.user.is_authenticated and _is_use(request):
            _note_use(request)
        return answer


def _may_go_on(request: HttpRequest) -> bool:
    if not request.user.roles_by_store:
        return False
    return bool(request.session.get(VERIFIED)) or not sign_in_rules.for_user(request.user).needs_second_factor


def _is_use(request: HttpRequest) -> bool:
    """Whether a person did something: opened a page, sent a form, typed. What a page asks by itself does not count."""
    match = request.resolver_match
    if match is not None and getattr(match.func, "is_heartbeat", False):
        return False
    return not (request.method == "GET" and request.headers.get("HX-Request"))


def _note_use(request: HttpRequest) -> None:
    """Write down the use of a session, once a minute at most."""
    row, now = request.session.row, timezone.now()
    if row is not None and row.used_at and abs(now - row.used_at) < A_WHILE:
        return
    terms = sign_in_rules.for_user(request.user)
    request.session.note_use(now, idle=terms.idle, longest=terms.longest)


class ScopeMiddleware:
    """Narrows the user to the store chosen in the header, and speaks the language of their profile."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            user.narrowed_store_id = request.session.get("store_id")
            if user.language:
                translation.activate(user.language)
                request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
