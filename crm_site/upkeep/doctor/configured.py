"""The doctor looks at the settings: secrets, hosts, demo, HTTPS, time zones."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils.translation import gettext as _

from crm_site.upkeep.doctor.findings import Finding, fine, watch, wrong

SECRET_LENGTH = 50


def secret(now: datetime) -> Finding:
    """A key that signs sessions must not be guessed."""
    key = settings.SECRET_KEY
    if len(key) >= SECRET_LENGTH and len(set(key)) >= 5:
        return fine(_("The secret key is long enough."))
    return wrong(
        _("SECRET_KEY is short: who guesses it signs in as anybody."),
        _("Set a random one: python3 -c 'import secrets; print(secrets.token_urlsafe(60))'. Everybody signs in anew."),
    )


def hosts(now: datetime) -> Finding:
    """Under which names it may be reached."""
    if "*" in settings.ALLOWED_HOSTS or any(host.startswith(".") for host in settings.ALLOWED_HOSTS):
        return watch(
            _("ALLOWED_HOSTS takes names that nobody has listed."),
            _("Name each host, separated by commas, no * or dot."),
        )
    return fine(_("Served under: %(hosts)s") % {"hosts": ", ".join(settings.ALLOWED_HOSTS)})


def demo(now: datetime) -> Finding:
    """The demo's passwords are known to everybody."""
    if settings.DEMO:
        return wrong(
            _("HUIFANG_DEMO is on: everybody knows the passwords."), _("Take HUIFANG_DEMO out of the environment.")
        )
    return fine(_("This is no demo."))


def transport(now: datetime) -> Finding:
    """Passwords and phones travel by HTTPS, and the proxy's word about that is believed."""
    if settings.PLAIN_HTTP and not settings.DEMO:
        return wrong(
            _("HUIFANG_PLAIN_HTTP is on: passwords and customers' phones travel readable."),
            _("Put a proxy with TLS in front (deploy/nginx, deploy/caddy) and take the variable away."),
        )
    if not settings.DEMO and not settings.BEHIND_PROXY:
        return watch(
            _("HUIFANG_BEHIND_PROXY is off: behind a proxy every page would be sent round in a circle."),
            _("Set it to 1 if a proxy ends TLS here and sets X-Forwarded-Proto and X-Forwarded-For itself."),
        )
    return fine(_("HTTPS only."))


def zones(now: datetime) -> Finding:
    """A business day begins at midnight in China."""
    try:
        offset = now.astimezone(ZoneInfo("Asia/Shanghai")).utcoffset()
    except ZoneInfoNotFoundError:
        offset = None
    if offset is not None and offset.total_seconds() == 8 * 3600:
        return fine(_("Time zones are known."))
    return wrong(
        _("The time zone Asia/Shanghai is not known here."), _("Install the package tzdata of requirements.txt.")
    )
