"""How guessing is slowed down: every try is written down before it is judged, and counted over the last day and hour.

20 tries a day for an account, 20 an hour for an address (docs/decisions/0047-sign-in.md). A browser in which somebody
has signed in before carries a mark; with it their tries are counted apart, so that strangers cannot lock them out.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from axes.handlers.base import AbstractAxesHandler, AxesBaseHandler
from axes.models import AccessFailureLog
from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from crm_site.accounts.models import User
from crm_site.audit import trail
from crm_site.core.web.proxies import counted_address

PER_ACCOUNT, A_DAY = 20, timedelta(days=1)
PER_ADDRESS, AN_HOUR = 20, timedelta(hours=1)
#: the cookie with which a browser shows who has signed in there before, for how long, and of how many people
COOKIE = "__Host-known" if settings.SESSION_COOKIE_SECURE else "known"
COOKIE_DAYS, MOST_KNOWN = 180, 8
_SALT = "accounts.throttling"


@dataclass(frozen=True)
class Try:
    """One try that was let through: its row, and how many of its account stand written down with it."""

    row: AccessFailureLog
    number: int


def begin(request: HttpRequest, name: str) -> bool:
    """Write a try down, then count: two at once both count. Whether it may be judged; what may not leaves no row."""
    now, counted, address = timezone.now(), counted_name(request, name), _address(request)
    row = AccessFailureLog.objects.create(username=counted, ip_address=address, user_agent="", http_accept="")
    of_account = _of_account(counted, now)
    tries = of_account.count()
    until = _free_again(of_account, PER_ACCOUNT, A_DAY) if tries > PER_ACCOUNT else None
    if until is None and not _is_known(counted):
        of_address = AccessFailureLog.objects.filter(ip_address=address, attempt_time__gt=now - AN_HOUR)
        of_address = of_address.exclude(username__contains="@")
        until = _free_again(of_address, PER_ADDRESS, AN_HOUR) if of_address.count() > PER_ADDRESS else None
    if until is not None:
        row.delete()
        request.locked_until = until  # type: ignore[attr-defined]
        return False
    request.sign_in_try = Try(row, tries)  # type: ignore[attr-defined]
    return True


def take_back(request: HttpRequest) -> None:
    """The try was right: it does not count."""
    tried = getattr(request, "sign_in_try", None)
    if tried is not None:
        AccessFailureLog.objects.filter(pk=tried.row.pk).delete()
        request.sign_in_try = None  # type: ignore[attr-defined]


def note_wrong(request: HttpRequest, name: str) -> None:
    """The try was wrong; the one that locks an account stands in the trail."""
    tried = getattr(request, "sign_in_try", None)
    if tried is None or tried.number != PER_ACCOUNT:
        return
    user = User.objects.filter(username__iexact=name.strip()).first()
    if user is not None:
        trail.record(None, "user.locked_out", user, store_id=next(iter(user.store_ids), None), tries=tried.number)


def tries_of(user: User) -> int:
    """How many wrong tries of a day stand against an account, from browsers that nobody has signed in from before."""
    return _of_account(_hashed(user.username), timezone.now()).count()


def is_locked(user: User) -> bool:
    """Whether an account can be signed in to from known browsers only."""
    return tries_of(user) >= PER_ACCOUNT


def forget(user: User) -> int:
    """Unlock an account: none of its tries counts any more, of known browsers neither. Gives how many there were."""
    return AccessFailureLog.objects.filter(username__startswith=_hashed(user.username)).delete()[0]


def remember_browser(request: HttpRequest, answer: HttpResponse, user: User) -> None:
    """Let the browser show from now on that this user has signed in with it."""
    known = _known(request)
    mark = known.pop(_hashed(user.username), None) or secrets.token_hex(8)
    known[_hashed(user.username)] = mark
    kept = dict(list(known.items())[-MOST_KNOWN:])
    answer.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=_SALT, compress=True),
        max_age=COOKIE_DAYS * 86_400,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def counted_name(request: HttpRequest, name: str) -> str:
    """Under what a try is counted: the name in lower case, hashed (people type passwords there), @ a known browser."""
    hashed = _hashed(name)
    mark = _known(request).get(hashed, "")
    return f"{hashed}@{mark}" if mark else hashed


def _known(request: HttpRequest) -> dict[str, str]:
    """{hashed name: mark} of the people who have signed in with this browser; {} for a forged or old cookie."""
    try:
        return signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=COOKIE_DAYS * 86_400)
    except signing.BadSignature:
        return {}


def _is_known(counted: str) -> bool:
    return "@" in counted


def _hashed(name: str) -> str:
    """A name as it is counted; no spelling of it gets tries of its own.

    Upper case first, as the database compares names: a dotless ı is an I there, and no i in lower case.
    """
    return salted_hmac(_SALT, name.strip().upper().lower(), algorithm="sha256").hexdigest()[:32]


def _address(request: HttpRequest) -> str | None:
    """Who asks, as far as it may be believed; None where that is no address (a local socket)."""
    return counted_address(request) or None


def _of_account(counted: str, now: datetime) -> QuerySet[AccessFailureLog]:
    return AccessFailureLog.objects.filter(username=counted, attempt_time__gt=now - A_DAY)


def _free_again(tries: QuerySet[AccessFailureLog], most: int, window: timedelta) -> datetime:
    """When the next try is judged: once the oldest of those that count now is out of the window."""
    newest = list(tries.order_by("-attempt_time").values_list("attempt_time", flat=True)[1 : most + 1])
    return newest[-1] + window


class Handler(AbstractAxesHandler, AxesBaseHandler):
    """Lets django-axes, which stands before the password, count in the way above."""

    def is_allowed(self, request: HttpRequest, credentials: dict | None = None) -> bool:
        """Whether this try is judged."""
        return begin(request, _name(credentials))

    def user_login_failed(
        self, sender: Any, credentials: dict, request: HttpRequest | None = None, **_kwargs: Any
    ) -> None:
        """A wrong password; the row stands already."""
        if request is not None and not getattr(request, "axes_locked_out", False):
            note_wrong(request, _name(credentials))

    def user_logged_in(self, sender: Any, request: HttpRequest, user: User, **_kwargs: Any) -> None:
        """Nothing: the view takes the try back once all that is asked for was right."""

    def user_logged_out(self, sender: Any, request: HttpRequest, user: User | None, **_kwargs: Any) -> None:
        """Nothing."""

    def get_failures(self, request: HttpRequest, credentials: dict | None = None) -> int:
        """How many tries stand against what is tried."""
        return _of_account(counted_name(request, _name(credentials)), timezone.now()).count()


def _name(credentials: Mapping[str, Any] | None) -> str:
    return str((credentials or {}).get("username") or "")
