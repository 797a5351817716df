"""Ending sessions and unlocking accounts."""

from __future__ import annotations

from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from crm_site.accounts import throttling
from crm_site.accounts.actions.sign_in import with_sign_in
from crm_site.accounts.models import Employee, Session, User
from crm_site.audit import trail


@transaction.atomic
def end_other_sessions(user: User, *, keep: str | None) -> int:
    """End all sessions of a user but the own one; gives how many ended."""
    others = Session.objects.filter(user=user).exclude(pk=keep or "")
    ended = others.delete()[0]
    if ended:
        trail.record(user, "user.sessions_ended", user, store_id=next(iter(user.store_ids), None), count=ended)
    return ended


@transaction.atomic
def unlock(employee_id: int, *, by: Employee) -> int:
    """Let an account that was locked by wrong tries be signed in to again; gives how many tries were forgotten.

    Refuses oneself, and a user of stores where `by` is no administrator.
    """
    employee, user = with_sign_in(employee_id, by)
    tries = throttling.forget(user)
    for devices in (TOTPDevice.objects, StaticDevice.objects):  # the pause after wrong codes ends too
        devices.filter(user=user).update(throttling_failure_count=0, throttling_failure_timestamp=None)
    if tries:
        trail.record(by, "user.unlocked", employee, tries=tries)
    return tries
