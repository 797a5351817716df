"""Signing in and out, one's password, language, theme, and the store switch of the header."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from crm_site.accounts import actions
from crm_site.accounts.forms.session import PasswordForm, SignInForm
from crm_site.accounts.guard import needs, public


def safe_next(request: HttpRequest) -> str:
    """Where to go next: a local path out of the form or query, else home."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if allowed and target.startswith("/") else "/"


@public
@sensitive_post_parameters("password")
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; the same answer for a wrong one and an unknown one."""
    if request.user.is_authenticated:
        return redirect(safe_next(request))
    form = SignInForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.get_user())
        actions.note_sign_in(form.get_user())
        return redirect(safe_next(request))
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "next": safe_next(request), "demo": settings.DEMO}
    return render(request, "accounts/sign_in.html", context, status=status)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if request.user.is_authenticated:
        actions.note_sign_out(request.user)
    logout(request)
    return redirect("accounts:sign_in")


@needs("profile", before_password_change=True)
@sensitive_post_parameters()
@never_cache
def change_password(request: HttpRequest) -> HttpResponse:
    """Set one's own password; the first one given by an administrator must be changed."""
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.change_own_password(request.user, form.cleaned_data["new_password1"])
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your password is changed. Other sessions are signed out."))
        return redirect("dashboard:home")
    return render(request, "accounts/password.html", {"form": form}, status=422 if form.is_bound else 200)


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
    if chosen.isdecimal() and int(chosen[:18]) in request.user.roles_by_store:
        request.session["store_id"] = int(chosen)
    else:
        request.session.pop("store_id", None)
    return redirect("dashboard:home")
