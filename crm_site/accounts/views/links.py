"""The way in by a link that an administrator has handed over: choose a password, once."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from crm_site.accounts import actions
from crm_site.accounts.forms.session import NewPasswordForm
from crm_site.accounts.guard import public
from crm_site.accounts.models import PasswordLink
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse

#: where a session remembers which link brought it here
LINK = "link"


@public
@never_cache
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address at once: the session remembers the link, the page behind it has none."""
    link = actions.find_link(token, clock.now())
    if link is None:
        return _quiet(_over(request))
    request.session[LINK] = link.pk
    return _quiet(redirect("accounts:link"))


@public
@sensitive_post_parameters()
@never_cache
def use_link(request: HttpRequest) -> HttpResponse:
    """Ask for a new password, twice; afterwards one signs in with it.

    The address of this page holds no token, and its form needs the usual Referrer-Policy: under "no-referrer" a browser
    sends it with "Origin: null", which is refused as a forgery.
    """
    now = clock.now()
    links = PasswordLink.objects.open_at(now).filter(user__is_active=True).select_related("user")
    link = links.filter(pk=request.session.get(LINK)).first()
    if link is None:
        return _over(request)
    form = NewPasswordForm(link.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.use_link(link.pk, form.cleaned_data["new_password1"], at=now)
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            _leave(request, user.pk)
            messages.success(request, _("Your password is set. Sign in with it."))
            return redirect("accounts:sign_in")
    return render(request, "accounts/link.html", {"form": form, "link": link}, status=422 if form.is_bound else 200)


def _leave(request: HttpRequest, user_id: int) -> None:
    """Forget the link; a session of that same user has ended with its password."""
    if request.user.pk == user_id:
        logout(request)
    request.session.pop(LINK, None)


def _over(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/link_over.html", status=410)


def _quiet(answer: HttpResponse) -> HttpResponse:
    """An answer to the address with the token: no Referer may carry that on."""
    answer["Referrer-Policy"] = "no-referrer"
    return answer
