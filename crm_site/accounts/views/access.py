"""What an administrator does about somebody's sign-in: give it, switch it, link, unlock, reset the second factor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm_site.accounts import actions
from crm_site.accounts.forms.people import SignInNameForm
from crm_site.accounts.guard import acting, needs, require
from crm_site.accounts.models import Employee
from crm_site.accounts.views.people import editable, person_page
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse


@needs("people.edit")
@require_POST
@never_cache
def person_sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an employee sign in; the invitation is shown once, in this answer."""
    employee = editable(request, pk)
    form = SignInNameForm(request.POST)
    if form.is_valid():
        try:
            actions.give_sign_in(pk, **form.cleaned_data, by=acting(request, employee.store_id))
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            return _link_given(request, employee)
    return person_page(request, employee, sign_in=form)


@needs("people.edit")
@require_POST
@never_cache
def person_link(request: HttpRequest, pk: int) -> HttpResponse:
    """A link by which an employee sets a password, shown once, in this answer."""
    employee = editable(request, pk)
    try:
        return _link_given(request, employee)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect("accounts:person", pk)


@needs("people.edit")
@require_POST
def person_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch an employee's sign-in on or off."""
    active = request.POST.get("active") == "1"
    done = _("The sign-in is switched on.") if active else _("The sign-in is switched off.")
    return _do(request, editable(request, pk), lambda by: actions.set_sign_in_active(pk, active=active, by=by), done)


@needs("people.edit")
@require_POST
def person_unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an account be signed in to again that wrong tries have locked."""
    return _do(request, editable(request, pk), lambda by: actions.unlock(pk, by=by), _("The account is unlocked."))


@needs("people.second_factor")
@require_POST
def person_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away the second factor of somebody who has lost it."""
    employee = editable(request, pk)
    require(request, "people.second_factor", employee)
    done = _("The second factor is reset, and every session of theirs has ended. They were told.")
    return _do(request, employee, lambda by: actions.reset_second_factor(pk, by=by), done)


def _do(request: HttpRequest, employee: Employee, act: Callable[[Employee], Any], done: str) -> HttpResponse:
    try:
        act(acting(request, employee.store_id))
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, done)
    return redirect("accounts:person", employee.pk)


def _link_given(request: HttpRequest, employee: Employee) -> HttpResponse:
    """Make a link and show it; raises RuleBroken where none may be made."""
    link, token = actions.make_link(employee.pk, by=acting(request, employee.store_id), at=clock.now())
    context = {
        "employee": employee,
        "user": link.user,
        "link": link,
        "address": request.build_absolute_uri(reverse("accounts:open_link", args=[token])),
    }
    return render(request, "accounts/link_given.html", context)
