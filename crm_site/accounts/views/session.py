"""Signing out, language, theme, and the store switch of the header."""

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.views.decorators.http import require_POST

from crm_site.accounts import actions
from crm_site.accounts.guard import needs, public
from crm_site.accounts.views.signing import safe_next


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if request.user.is_authenticated:
        actions.note_sign_out(request.user)
    logout(request)
    return redirect("accounts:sign_in")


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch between Chinese and English, kept in the profile or, before signing in, in a cookie."""
    language = request.POST.get("language", "")
    answer = redirect(safe_next(request))
    if language not in dict(settings.LANGUAGES):
        return answer
    translation.activate(language)
    if request.user.is_authenticated:
        actions.set_language(request.user, language)
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=31_536_000, samesite="Lax", httponly=True)
    return answer


@needs("profile")
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Switch between light and dark."""
    actions.set_theme(request.user, request.POST.get("theme", ""))
    return redirect(safe_next(request))


@needs("profile")
@require_POST
def switch_store(request: HttpRequest) -> HttpResponse:
    """Narrow every page to one store of one's memberships; empty means all of them."""
    chosen = request.POST.get("store", "")
    if chosen.isdecimal() and len(chosen) < 19 and int(chosen) in request.user.roles_by_store:
        request.session["store_id"] = int(chosen)
    else:
        request.session.pop("store_id", None)
    return redirect("dashboard:home")
