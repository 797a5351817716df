"""One's own sign-in: the password, the second factor, and where one is signed in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from crm_site.accounts import actions, agents, second_factor, sign_in_rules
from crm_site.accounts.forms.session import AppCodeForm, OwnPasswordForm, PasswordForm
from crm_site.accounts.guard import needs
from crm_site.accounts.models import Session
from crm_site.accounts.sessions import VERIFIED
from crm_site.accounts.views.signing import SECRET, picture
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse


@needs("profile")
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """What stands about one's own sign-in."""
    return _page(request)


@needs("profile")
@require_POST
@sensitive_post_parameters()
@never_cache
def change_second_factor(request: HttpRequest) -> HttpResponse:
    """Begin to set up a second factor, renew its recovery codes or remove it; each after one's password."""
    form = OwnPasswordForm(request, request.POST)
    if not form.is_valid():
        return _page(request, form=form)
    do = request.POST.get("do")
    if do == "begin":
        request.session[SECRET] = second_factor.new_secret()
        return redirect("accounts:own_set_up")
    try:
        if do == "codes" and second_factor.device_of(request.user):
            codes = actions.renew_codes(request.user)
            return render(request, "accounts/codes_given.html", {"codes": codes, "next": ""})
        if do == "remove":
            actions.remove_second_factor(request.user, keep=request.session.session_key)
            request.session.pop(VERIFIED, None)
            messages.success(request, _("Your second factor is removed. Signing in asks for the password only."))
    except RuleBroken as broken:
        messages.error(request, broken.message)
    return redirect("accounts:account")


@needs("profile")
@sensitive_post_parameters()
@never_cache
def own_set_up(request: HttpRequest) -> HttpResponse:
    """Set up a second factor of one's own will."""
    secret = request.session.get(SECRET)
    if secret is None or second_factor.device_of(request.user):
        return redirect("accounts:account")
    form = AppCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key = request.session.session_key
        try:
            codes = actions.set_up_second_factor(request.user, secret, form.cleaned_data["code"], keep=key)
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            del request.session[SECRET]
            request.session[VERIFIED] = True
            return render(request, "accounts/codes_given.html", {"codes": codes, "next": ""})
    context = {"form": form, "secret": second_factor.as_text(secret), "user_name": request.user.username, "own": True}
    return render(request, "accounts/set_up.html", context, status=422 if form.is_bound else 200)


@needs("profile")
@never_cache
def own_picture(request: HttpRequest) -> HttpResponse:
    """The QR code of the secret that is being set up."""
    if SECRET not in request.session:
        raise Http404
    return picture(request.user, request.session[SECRET])  # type: ignore[arg-type]


@needs("profile")
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign oneself out everywhere but here."""
    actions.end_other_sessions(request.user, keep=request.session.session_key)
    messages.success(request, _("You are signed out everywhere but here."))
    return redirect("accounts:account")


@needs("profile", before_password_change=True)
@sensitive_post_parameters()
@never_cache
def change_password(request: HttpRequest) -> HttpResponse:
    """Set one's own password; the first one given by an administrator must be changed."""
    form = PasswordForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.change_own_password(request.user, form.cleaned_data["new_password1"])
        update_session_auth_hash(request, request.user)
        actions.end_other_sessions(request.user, keep=request.session.session_key)
        messages.success(request, _("Your password is changed. Other sessions are signed out."))
        return redirect("dashboard:home")
    return render(request, "accounts/password.html", {"form": form}, status=422 if form.is_bound else 200)


def _page(request: HttpRequest, *, form: OwnPasswordForm | None = None) -> HttpResponse:
    context = {
        "state": second_factor.state_of(request.user),
        "is_needed": sign_in_rules.for_user(request.user).needs_second_factor,
        "form": form or OwnPasswordForm(request),
        "sessions": _sessions(request),
    }
    return render(request, "accounts/account.html", context, status=422 if form else 200)


def _sessions(request: HttpRequest) -> list[dict[str, Any]]:
    """Where one is signed in, the last used first; the keys stay here."""
    rows = Session.objects.filter(user=request.user, expire_date__gt=clock.now()).order_by("-used_at")
    own = request.session.session_key
    return [
        {"agent": agents.words(row.agent), "began_at": row.began_at, "used_at": row.used_at, "is_own": row.pk == own}
        for row in rows
    ]
