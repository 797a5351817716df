"""What somebody has as a second factor, and whether a code fits: six digits of an app, or one of the recovery codes."""

from __future__ import annotations

import base64
import io
import secrets
from dataclasses import dataclass

import segno
from django.db import transaction
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from crm_site.accounts.models import User

CODES, GROUPS, LENGTH = 10, 2, 5
#: without signs that look alike
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class State:
    """Whether somebody has a second factor, and how many recovery codes are left."""

    device: TOTPDevice | None
    codes_left: int

    @property
    def is_set(self) -> bool:
        """Whether a code is asked for at sign-in."""
        return self.device is not None


def state_of(user: User) -> State:
    """What a user has set up."""
    return State(device_of(user), StaticToken.objects.filter(device__user=user).count())


def device_of(user: User) -> TOTPDevice | None:
    """The app of a user; None without one."""
    return TOTPDevice.objects.devices_for_user(user, confirmed=True).order_by("pk").first()


@transaction.atomic
def matches(user: User, typed: str) -> str:
    """By what a typed code fits: "app", "recovery", or '' where it does not. It counts once, also when sent twice.

    The library takes one step of 30 s before and after, and makes the next try wait twice as long after each wrong one.
    """
    code = "".join(typed.split()).replace("-", "").lower()
    if code.isdecimal() and len(code) == 6:
        app = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).order_by("pk").first()
        return "app" if app is not None and app.verify_token(code) else ""
    codes = StaticDevice.objects.select_for_update().filter(user=user, confirmed=True).order_by("pk").first()
    return "recovery" if codes is not None and codes.verify_token(hashed(code)) else ""


def new_secret() -> str:
    """A fresh secret of an app, 20 bytes as hexadecimal digits."""
    return secrets.token_hex(20)


def as_text(secret: str) -> str:
    """A secret as it is typed into an app, in groups of four."""
    text = base64.b32encode(bytes.fromhex(secret)).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def as_picture(user: User, secret: str) -> bytes:
    """The QR code of a secret as SVG; dark on white whatever the theme, for that is what cameras read."""
    picture = io.BytesIO()
    address = TOTPDevice(user=user, key=secret).config_url
    segno.make(address, error="m").save(picture, kind="svg", scale=5, border=4, light="white", xmldecl=True)
    return picture.getvalue()


def new_codes() -> list[str]:
    """Fresh recovery codes as they are shown: two groups of five."""
    return ["-".join(_group() for _number in range(GROUPS)) for _code in range(CODES)]


def hashed(code: str) -> str:
    """A recovery code as it is kept: 80 bits of a keyed hash, as much as the library's column holds."""
    return salted_hmac("accounts.recovery", code, algorithm="sha256").hexdigest()[:16]


def _group() -> str:
    return "".join(secrets.choice(_SIGNS) for _sign in range(LENGTH))
