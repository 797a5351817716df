"""One call result: how it stands on the keypad, and what follows from it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.core.errors import RuleBroken
from revisits.models import CallResult, NextStep
from revisits.rules.results import CHANGEABLE, FIXED_BY_CALLS


class ResultForm(forms.Form):
    """What may be decided about a result; `shown` names the row that the user has before them."""

    label_zh = forms.CharField(label=_("Name in Chinese"), max_length=20)
    label_en = forms.CharField(label=_("Name in English"), max_length=40)
    group = forms.ChoiceField(label=_("Group on the keypad"), choices=CallResult.Group.choices)
    key = forms.CharField(
        label=_("Shortcut key"), max_length=1, required=False, help_text=_("One letter; empty: by mouse only.")
    )
    next_step = forms.ChoiceField(label=_("What follows"), choices=NextStep.choices)
    counts_as_try = forms.ChoiceField(
        label=_("Uses up a try"), choices=list(CallResult._meta.get_field("counts_as_try").choices or ())
    )
    max_repeats = forms.IntegerField(
        label=_("Tried again at most"), min_value=0, max_value=9, required=False,
        help_text=_("How often this same result is tried again; empty: as often as the rule has tries."),
    )  # fmt: skip
    reached = forms.BooleanField(label=_("Somebody was reached"), required=False)
    saves_answers = forms.BooleanField(label=_("Keeps the answers"), required=False)
    is_active = forms.BooleanField(label=_("On the keypad"), required=False)
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, fixed: bool = False, **kwargs: Any) -> None:
        """`fixed`: calls have ended with it, so what they say by it is shown and cannot be changed."""
        super().__init__(*args, **kwargs)
        if fixed:
            for name in FIXED_BY_CALLS:
                self.fields[name].disabled = True
                self.fields[name].help_text = _("Fixed: calls have ended with this result.")

    def clean_key(self) -> str:
        """A capital letter, or nothing."""
        key = self.cleaned_data["key"].strip().upper()
        if key and not ("A" <= key <= "Z"):
            raise forms.ValidationError(_("Choose a letter from A to Z."))
        return key

    def values(self) -> dict[str, Any]:
        """The cleaned values under the names of the result's fields."""
        return {name: self.cleaned_data[name] for name in CHANGEABLE}

    def refuse(self, refused: RuleBroken) -> None:
        """Show what an action refused beside the field that it is about."""
        self.add_error(refused.field if refused.field in self.fields else None, refused.message)


def initial_of(result: CallResult) -> dict[str, Any]:
    """The values of a result as the form shows them."""
    return {name: getattr(result, name) for name in CHANGEABLE}
