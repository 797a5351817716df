"""Forms of signing in and of one's own password."""

from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """Name and password, with one message for every account that does not fit."""

    error_messages = {
        "invalid_login": _(
            "The sign-in name or the password is not right. After 10 wrong tries it is locked for 15 minutes."
        ),
        "inactive": _(
            "The sign-in name or the password is not right. After 10 wrong tries it is locked for 15 minutes."
        ),
    }


class PasswordForm(PasswordChangeForm):
    """The old password once, the new one twice."""
