"""What somebody's authenticator app shows, and what a user of the tests has set up."""

import time

from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from crm_site.accounts import second_factor


def code_of(secret: str, *, steps: int = 0) -> str:
    """The six digits of an app now, or so many steps of 30 s before or after."""
    app = TOTP(bytes.fromhex(secret))
    app.time = time.time() + 30 * steps
    return f"{app.token():06d}"


def with_app(user) -> str:
    """Give a user an app; its secret."""
    secret = second_factor.new_secret()
    TOTPDevice.objects.create(user=user, name="app", key=secret)
    return secret
