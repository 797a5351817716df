"""Links by which somebody sets a password: made by an administrator, handed over, used once within their term."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.actions.sign_in import with_sign_in
from crm_site.accounts.models import Employee, LinkKind, PasswordLink, Session, User
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken

TERMS = {LinkKind.INVITATION: timedelta(hours=72), LinkKind.RESET: timedelta(hours=1)}
_SIGNER = signing.Signer(salt="accounts.links")


@transaction.atomic
def make_link(employee_id: int, *, by: Employee, at: datetime) -> tuple[PasswordLink, str]:
    """A link for somebody's sign-in and its token, to be shown once; the one before counts no more.

    Whoever has never set a password gets an invitation (72 hours), anybody else a reset (1 hour). Refuses oneself, a
    user of stores where `by` is no administrator, and one whose sign-in is switched off.
    """
    employee, user = with_sign_in(employee_id, by)
    if not user.is_active:
        raise RuleBroken(_("This sign-in is switched off. Switch it on first."), code="switched_off")
    kind = LinkKind.RESET if user.has_usable_password() else LinkKind.INVITATION
    user.password_links.revoke(at)
    token = secrets.token_urlsafe(24)
    link = PasswordLink.objects.create(
        user=user, kind=kind, digest=_digest(token), made_by=by, made_at=at, expires_at=at + TERMS[kind]
    )
    trail.record(by, "user.link_made", employee, kind=str(kind))
    return link, _SIGNER.sign(token)


def find_link(signed: str, at: datetime) -> PasswordLink | None:
    """The link of a token that can still be used; None for a forged, used, revoked or old one."""
    try:
        token = _SIGNER.unsign(signed)
    except signing.BadSignature:
        return None
    found = PasswordLink.objects.open_at(at).filter(digest=_digest(token), user__is_active=True)
    return found.select_related("user").first()


@transaction.atomic
def use_link(link_id: int, password: str, *, at: datetime) -> User:
    """Set the password of a link's user, once; every session of theirs ends. The caller has validated the password.

    Raises RuleBroken where the link was used, revoked or is over.
    """
    link = PasswordLink.objects.select_for_update(of=("self",)).open_at(at).filter(pk=link_id).first()
    user = User.objects.select_for_update(no_key=True).filter(pk=link.user_id, is_active=True).first() if link else None
    if link is None or user is None:
        raise RuleBroken(_("This link counts no more. Ask an administrator for a new one."), code="link_over")
    link.used_at = at
    link.save(update_fields=["used_at"])
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    Session.objects.filter(user=user).delete()
    trail.record(user, "user.link_used", user, store_id=next(iter(user.store_ids), None), kind=link.kind)
    return user


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
