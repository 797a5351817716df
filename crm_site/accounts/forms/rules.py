"""The form of the rules of signing in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Role, SignInRules
from crm_site.core.forms import VersionedMixin


class SignInRulesForm(VersionedMixin):
    """Who must have a second factor, and when a session ends; nothing can be set looser than shipped."""

    second_factor_roles = forms.MultipleChoiceField(
        label=_("Must have a second factor"),
        help_text=_("For everybody else it is optional."),
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    idle_minutes = forms.IntegerField(
        label=_("Minutes without use after which a session ends"),
        help_text=_("From 5 to 30. What a call page keeps as a draft counts as use."),
        min_value=5,
        max_value=SignInRules.MOST_IDLE_MINUTES,
    )
    session_hours = forms.IntegerField(
        label=_("Hours after which it ends in any case"),
        help_text=_("From 1 to 12."),
        min_value=1,
        max_value=SignInRules.MOST_HOURS,
    )

    def __init__(self, *args: Any, row: SignInRules, **kwargs: Any) -> None:
        initial = {name: getattr(row, name) for name in ("second_factor_roles", "idle_minutes", "session_hours")}
        super().__init__(*args, version=row.version, initial=initial, **kwargs)

    def values(self) -> dict[str, Any]:
        """The columns of SignInRules as set; roles in the order of the choices."""
        clean = self.cleaned_data
        chosen = [role.value for role in Role if role in clean["second_factor_roles"]]
        return {"second_factor_roles": chosen} | {name: clean[name] for name in ("idle_minutes", "session_hours")}
