"""Stands before every view: signed in, allowed, and only rows of one's own stores."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse

from crm_site.accounts import policy
from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.returning import page_that_was_open

Row = TypeVar("Row", bound=models.Model)
View = Callable[..., HttpResponseBase]
#: what a view may be asked with; a view that takes less says so itself
METHODS = ["GET", "HEAD", "POST"]
#: in the address of the sign-in page: what has ended (accounts.views.signing says it in words)
ENDED = "ended"


def public(view: View) -> View:
    """Mark a view that needs no sign-in; the access table lists every one of them."""

    @wraps(view)
    def open_to_all(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        return view(request, *args, **kwargs)

    open_to_all.capability = None  # type: ignore[attr-defined]
    return open_to_all


def heartbeat(view: View) -> View:
    """Mark a view that an open page asks by itself; it does not keep a session alive (accounts.middleware)."""
    view.is_heartbeat = True  # type: ignore[attr-defined]
    return view


def needs(capability: str, *, before_password_change: bool = False) -> Callable[[View], View]:
    """Let only signed-in users with `capability` (a row of policy.POLICY) in; everybody else gets 403, logged.

    Raises KeyError at import for an unknown capability. `before_password_change` admits users whose first password
    is still to be changed.
    """
    policy.roles_for(capability)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in METHODS:
                return HttpResponseNotAllowed(METHODS)
            if not request.user.is_authenticated:
                return _ask_to_sign_in(request)
            if request.user.must_change_password and not before_password_change:
                return redirect("accounts:change_password")
            if not policy.allows(request.user, capability):
                refuse(request, "role")
            _check_address(request)
            request.capability = capability  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined]
        return guarded

    return decorate


def require(request: HttpRequest, capability: str, row: models.Model) -> None:
    """Refuse with 403 unless the user has the capability in the store of this row."""
    if not policy.allows(request.user, capability, row.store_id):  # type: ignore[attr-defined]
        refuse(request, "role", row)


def get_or_404(rows: Any, request: HttpRequest, **lookup: Any) -> Any:
    """One row out of `rows` (a manager or queryset with visible_to) that this user may see.

    A row of another store is 404 like one that does not exist, but the attempt is logged. A row of one's own store in
    which the role lacks the view's capability (somebody may be a manager here and frontline there) is 403.
    """
    queryset = rows.all() if isinstance(rows, models.Manager) else rows
    row = queryset.visible_to(request.user).filter(**lookup).first()
    if row is None:
        foreign = queryset.filter(**lookup).first()
        if foreign is not None:
            _log(request, "store", foreign)
        raise Http404
    _require_there(request, row)
    return row


def acting(request: HttpRequest, store_id: int) -> Employee:
    """The employee as whom this user acts in a store; 403 where the user is nobody there."""
    employee = request.user.employee_in(store_id)  # type: ignore[union-attr]
    if employee is None:
        refuse(request, "no_employee")
    return employee  # type: ignore[return-value]


def refuse(request: HttpRequest, reason: str, subject: models.Model | None = None) -> None:
    """Log the refusal and answer 403."""
    _log(request, reason, subject)
    raise PermissionDenied


def _require_there(request: HttpRequest, row: models.Model) -> None:
    """Refuse a row in whose store this user does not have the capability of the view."""
    capability = getattr(request, "capability", "")
    store_id = _store_of(row)
    if capability and store_id is not None and not policy.allows(request.user, capability, store_id):
        refuse(request, "role", row)


def _store_of(row: Any) -> int | None:
    """The store of a row, by its model's STORE_PATH; None for a company default and for rows of no store."""
    for step in getattr(row, "STORE_PATH", "store_id").split("__"):
        row = getattr(row, step, None)
    return row


def _check_address(request: HttpRequest) -> None:
    """Answer 400 to an address with a NUL, which no page of ours makes and PostgreSQL cannot hold."""
    if any("\0" in value for values in request.GET.lists() for value in values[1]):
        raise BadRequest("NUL in the address")


def _log(request: HttpRequest, reason: str, subject: models.Model | None) -> None:
    match = request.resolver_match
    trail.record_refusal(
        user_id=request.user.pk,
        url_name=match.view_name if match else "",
        method=request.method or "",
        reason=reason,
        subject=subject,
    )


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and from there back to the page that was open; who had a session is told that it ended."""
    is_part = bool(request.headers.get("HX-Request"))
    door = reverse("accounts:sign_in")
    if _has_ended(request):
        door += f"?{ENDED}={'unsaved' if request.method == 'POST' and not is_part else 'session'}"
    led = redirect_to_login(page_that_was_open(request), door)
    if not is_part:
        return led
    answer = HttpResponse(status=401)
    answer["HX-Redirect"] = led.url
    return answer


def _has_ended(request: HttpRequest) -> bool:
    """Whether the browser brought a session that is over; none that is nobody's yet, between password and code."""
    return bool(request.COOKIES.get(settings.SESSION_COOKIE_NAME)) and request.session.session_key is None
