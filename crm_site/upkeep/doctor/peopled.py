"""The doctor looks at sign-ins and calendars: who lacks a second factor, who has a known password, next year's days."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from crm_site.accounts import sign_in_rules
from crm_site.accounts.models import Membership, Role, User
from crm_site.core import clock
from crm_site.core.startup import refuse_unfit_database
from crm_site.upkeep.doctor.findings import Finding, fine, watch, wrong
from crm_site.worktime import calendars

#: passwords that a stranger tries first
KNOWN = ("huifang-demo", "admin", "password", "12345678")
#: so many sign-ins are tried with them: each trial takes a hash
TRIED = 20


def administrators(now: datetime) -> Finding:
    """Somebody must be able to let others in."""
    if Membership.objects.filter(role=Role.ADMIN, user__is_active=True).exists():
        return fine(_("There is an administrator."))
    return wrong(
        _("There is no administrator."), _("manage.py first_admin --store CODE --name NAME --username USER makes one.")
    )


def second_factor(now: datetime) -> Finding:
    """Who must have one and has none."""
    having = TOTPDevice.objects.filter(confirmed=True).values("user_id")
    lacking = User.objects.filter(is_active=True, memberships__isnull=False).exclude(pk__in=having).distinct()
    names = [user.username for user in lacking if sign_in_rules.for_user(user).needs_second_factor]
    if names:
        return watch(
            _("Who must have a second factor and has none yet (%(count)s): %(names)s.")
            % {"count": len(names), "names": ", ".join(names[:5])},
            _("They are led through it at their next sign-in. Disable whoever never signs in."),
        )
    return fine(_("Everybody who must have a second factor has one."))


def known_accounts(now: datetime) -> Finding:
    """The demo world, and administrators with passwords that everybody knows."""
    advice = _("Change the passwords, or begin with an empty database. A demo world can never become a real one.")
    try:
        refuse_unfit_database()
    except ImproperlyConfigured:
        return wrong(_("This database holds the demo world."), advice)
    mighty = User.objects.filter(is_active=True, memberships__role__in=[Role.ADMIN, Role.MANAGER]).distinct()[:TRIED]
    weak = [user.username for user in mighty if any(user.check_password(one) for one in (*KNOWN, user.username))]
    if weak:
        return wrong(_("These have a password that everybody knows: %(names)s.") % {"names": ", ".join(weak)}, advice)
    return fine(_("No administrator has a password that everybody knows."))


def holidays(now: datetime) -> Finding:
    """Deadlines in working days need the official calendar."""
    missing = calendars.missing_years(clock.business_day(now))
    if missing:
        return watch(
            _("The official holidays of %(years)s are missing: they count as Monday to Friday.")
            % {"years": ", ".join(map(str, missing))},
            _("Enter them on the page of working time when they have been published."),
        )
    return fine(_("The official holidays are entered."))
