"""Forms of signing in, of a second factor, and of one's own password."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm_site.accounts import throttling
from crm_site.accounts.models import User

WRONG = _("The sign-in name or the password is not right. After 20 wrong tries in a day the account is locked.")
RULES = _(
    "At least 10 characters, not only digits. No common password such as woaini1314; nothing with your name, your"
    " number, the store or the brand."
)
TOO_MANY = _("Too many wrong tries. Sign out and in again, or ask an administrator to unlock your account.")


class SignInForm(AuthenticationForm):
    """Name and password, with one message for every account that does not fit."""

    error_messages = {"invalid_login": WRONG, "inactive": WRONG}

    def confirm_login_allowed(self, user: Any) -> None:
        """Who works in no store does not sign in, and is not told so: the answer is that of a wrong password."""
        super().confirm_login_allowed(user)
        if not user.roles_by_store:
            raise self.get_invalid_login_error()


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        label=_("Verification code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )


class AppCodeForm(CodeForm):
    """The first code of an app that is being set up: digits only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class OwnPasswordMixin:
    """Asks for one's own password once more; guesses count as those at sign-in do."""

    request: HttpRequest
    user: User

    def check_own(self, typed: str) -> None:
        """Raises ValidationError for a wrong password and for too many tries."""
        if not throttling.begin(self.request, self.user.username):
            raise ValidationError(TOO_MANY, code="too_many")
        if not self.user.check_password(typed):
            throttling.note_wrong(self.request, self.user.username)
            raise ValidationError(_("This is not your password."), code="password_incorrect")
        throttling.take_back(self.request)


class OwnPasswordForm(OwnPasswordMixin, forms.Form):
    """One's own password, before something that only its owner may do."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, request.user  # type: ignore[assignment]

    def clean_password(self) -> str:
        """The password, if it is right."""
        self.check_own(self.cleaned_data["password"])
        return self.cleaned_data["password"]


class NewPasswordForm(SetPasswordForm):
    """A new password, twice; says in two sentences what it must be, and what is wrong where it was typed first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = RULES
        self.fields["new_password2"].help_text = ""

    def validate_password_for_user(self, user: User, *_told: str) -> None:
        """Judge the new password; what is found stands at its first field, whichever is told."""
        super().validate_password_for_user(user, "new_password1")


class PasswordForm(OwnPasswordMixin, NewPasswordForm, PasswordChangeForm):
    """The old password once, the new one twice."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request.user, *args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        """The old password, if it is right."""
        self.check_own(self.cleaned_data["old_password"])
        return self.cleaned_data["old_password"]

    def clean(self) -> dict[str, Any]:
        """Both new ones are the same, and not the old one."""
        clean = super().clean() or {}
        if clean.get("new_password1") and clean.get("new_password1") == clean.get("old_password"):
            self.add_error("new_password1", ValidationError(_("This is the old password. Choose another one.")))
        return clean
