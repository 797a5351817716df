"""Signing in: name and password, then the second factor or its set-up; only after that there is a session of a user."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from crm_site.accounts import actions, second_factor, sign_in_rules, throttling
from crm_site.accounts.forms.session import AppCodeForm, CodeForm, SignInForm
from crm_site.accounts.guard import ENDED, public
from crm_site.accounts.models import User
from crm_site.accounts.sessions import AGENT, VERIFIED
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse
from crm_site.core.returning import own_page

BACKEND = "django.contrib.auth.backends.ModelBackend"
#: where a session that is nobody's yet remembers whose password was right, and the secret of an app being set up
PENDING, SECRET = "pending", "secret"
#: between the password and the code
PATIENCE = timedelta(minutes=10)


def safe_next(request: HttpRequest) -> str:
    """Where to go next: a local path out of the form or query, else home."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    return own_page(request, target)


@public
@sensitive_post_parameters("password")
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; the same answer for a wrong one and an unknown one."""
    if request.user.is_authenticated:
        return redirect(safe_next(request))
    form = SignInForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        throttling.take_back(request)
        return _after_password(request, form.get_user())
    status = 422 if request.method == "POST" else 200
    ended = "" if form.is_bound else request.GET.get(ENDED, "")
    context = {"form": form, "next": safe_next(request), "demo": settings.DEMO, "ended": ended}
    return render(request, "accounts/sign_in.html", context, status=status)


@public
@sensitive_post_parameters()
@never_cache
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask whose password was right for a code."""
    user = pending_user(request)
    if user is None:
        return _begin_again(request)
    if second_factor.device_of(user) is None:
        return redirect("accounts:set_up")
    form, by_recovery = CodeForm(request.POST or None), "recovery" in request.GET
    if request.method == "POST" and form.is_valid():
        if not throttling.begin(request, user.username):
            return locked(request)
        way = second_factor.matches(user, form.cleaned_data["code"])
        if way:
            throttling.take_back(request)
            actions.note_code(user, way)
            return finish(request, user, verified=True)
        throttling.note_wrong(request, user.username)
        form.add_error("code", _wrong_code(by_recovery=by_recovery))
    context = {"form": form, "by_recovery": by_recovery}
    return render(request, "accounts/second_step.html", context, status=422 if form.is_bound else 200)


@public
@sensitive_post_parameters()
@never_cache
def set_up(request: HttpRequest) -> HttpResponse:
    """Let somebody who must have a second factor set one up before anything else."""
    user, secret = pending_user(request), request.session.get(SECRET)
    if user is None or secret is None:
        return _begin_again(request)
    form = AppCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = actions.set_up_second_factor(user, secret, form.cleaned_data["code"])
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            target = finish(request, user, verified=True)
            answer = render(request, "accounts/codes_given.html", {"codes": codes, "next": target["Location"]})
            answer.cookies.update(target.cookies)
            return answer
    context = {"form": form, "secret": second_factor.as_text(secret), "user_name": user.username}
    return render(request, "accounts/set_up.html", context, status=422 if form.is_bound else 200)


@public
@never_cache
def set_up_picture(request: HttpRequest) -> HttpResponse:
    """The QR code of the secret that is being set up."""
    user, secret = pending_user(request), request.session.get(SECRET)
    if user is None or secret is None:
        raise Http404
    return picture(user, secret)


def picture(user: User, secret: str) -> HttpResponse:
    """A QR code as an answer of its own, for an <img>."""
    return HttpResponse(second_factor.as_picture(user, secret), content_type="image/svg+xml")


def pending_user(request: HttpRequest) -> User | None:
    """Whose password was right a short while ago and has not been changed since; None for anybody else."""
    pending = request.session.get(PENDING)
    if pending is None or _is_late(pending):
        return None
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    if user is None or not constant_time_compare(pending["hash"], user.get_session_auth_hash()):
        return None
    return user


def finish(request: HttpRequest, user: User, *, verified: bool) -> HttpResponse:
    """Begin the session of a user, under a new id, and go where they wanted to go."""
    target = request.session.get(PENDING, {}).get("next") or safe_next(request)
    request.session.flush()
    login(request, user, backend=BACKEND)
    request.session[AGENT] = request.headers.get("User-Agent", "")[:200]
    if verified:
        request.session[VERIFIED] = True
    actions.note_sign_in(user)
    answer = redirect(target)
    throttling.remember_browser(request, answer, user)
    return answer


def locked(request: HttpRequest, _answer: Any = None, _credentials: Any = None) -> HttpResponse:
    """Too many tries: until when, and what to do meanwhile; django-axes answers with this too."""
    context = {"until": getattr(request, "locked_until", None)}
    return render(request, "accounts/locked.html", context, status=429)


def _begin_again(request: HttpRequest) -> HttpResponse:
    """Back to the password; who took too long over the code is told so."""
    pending = request.session.get(PENDING)
    return redirect(reverse("accounts:sign_in") + (f"?{ENDED}=code" if pending and _is_late(pending) else ""))


def _is_late(pending: dict[str, Any]) -> bool:
    return clock.now() - datetime.fromisoformat(pending["at"]) > PATIENCE


def _wrong_code(*, by_recovery: bool) -> str:
    if by_recovery:
        return _("This recovery code does not fit, or it was used already. Take another one from your list.")
    return _("This code does not fit. Wait for the next one in the app, and type that.")


def _after_password(request: HttpRequest, user: User) -> HttpResponse:
    """On to the second factor, to its set-up, or in."""
    has_app = second_factor.device_of(user) is not None
    if not has_app and not sign_in_rules.for_user(user).needs_second_factor:
        return finish(request, user, verified=False)
    target = safe_next(request)
    request.session.flush()
    request.session[PENDING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "at": clock.now().isoformat(),
        "next": target,
    }
    if has_app:
        return redirect("accounts:second_step")
    request.session[SECRET] = second_factor.new_secret()
    return redirect("accounts:set_up")
