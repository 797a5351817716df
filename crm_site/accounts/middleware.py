"""Applies the header's store switch and the user's own language to each request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation


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
