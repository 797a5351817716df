"""Setting up, renewing, removing and resetting a second factor; each ends what was signed in without it."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from crm_site.accounts import second_factor, sign_in_rules
from crm_site.accounts.actions.sign_in import with_sign_in
from crm_site.accounts.models import Employee, Session, User
from crm_site.audit import trail
from crm_site.core import hooks
from crm_site.core.errors import RuleBroken


@transaction.atomic
def set_up(user: User, secret: str, code: str, *, keep: str | None = None) -> list[str]:
    """Let a user's app count from now on, once a code of it fits; gives fresh recovery codes, to be shown once.

    Other sessions end, `keep` is the key of the own one. Raises RuleBroken (field "code") for a code that does not fit
    and where there is a second factor already.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if second_factor.device_of(user) is not None:
        raise RuleBroken(_("A second factor is set up already. Remove it first."), code="is_set", field="code")
    device = TOTPDevice.objects.create(user=user, name="app", key=secret)
    if not device.verify_token("".join(code.split())):
        raise RuleBroken(
            _("This code does not fit. Wait for the next one in the app; the phone's clock must be right."),
            code="wrong_code",
            field="code",
        )
    codes = _write_codes(user)
    _end_sessions(user, keep=keep)
    trail.record(user, "user.second_factor_set", user, store_id=_store(user))
    return codes


@transaction.atomic
def renew_codes(user: User) -> list[str]:
    """Give a user fresh recovery codes, to be shown once; the old ones count no more."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    codes = _write_codes(user)
    trail.record(user, "user.recovery_codes_made", user, store_id=_store(user))
    return codes


@transaction.atomic
def remove(user: User, *, keep: str | None = None) -> None:
    """Take one's own second factor away; raises RuleBroken where the rules ask for one."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if sign_in_rules.for_user(user).needs_second_factor:
        raise RuleBroken(
            _("Your store asks for a second factor. With another phone, ask an administrator to reset it."),
            code="needed",
        )
    _clear(user)
    _end_sessions(user, keep=keep)
    trail.record(user, "user.second_factor_removed", user, store_id=_store(user))


@transaction.atomic
def reset(employee_id: int, *, by: Employee) -> User:
    """Take somebody's second factor away, who has lost the phone and the codes; every session of theirs ends.

    They are told. Refuses oneself, and a user of stores where `by` is no administrator.
    """
    employee, user = with_sign_in(employee_id, by)
    if not second_factor.state_of(user).is_set:
        raise RuleBroken(_("There is no second factor to reset."), code="not_set")
    _clear(user)
    _end_sessions(user)
    trail.record(by, "user.second_factor_reset", employee)
    for tell in hooks.load("ACCOUNT_NOTICES"):
        tell(user, "account.second_factor_reset")
    return user


def note_code(user: User, way: str) -> None:
    """Write down that somebody has signed in with a recovery code: it is gone now."""
    if way == "recovery":
        trail.record(user, "user.recovery_code_used", user, store_id=_store(user))


def _write_codes(user: User) -> list[str]:
    codes = second_factor.new_codes()
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery")
    StaticToken.objects.bulk_create(
        StaticToken(device=device, token=second_factor.hashed(code.replace("-", ""))) for code in codes
    )
    return codes


def _clear(user: User) -> None:
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def _end_sessions(user: User, *, keep: str | None = None) -> None:
    Session.objects.filter(user=user).exclude(pk=keep or "").delete()


def _store(user: User) -> int | None:
    return next(iter(user.store_ids), None)
