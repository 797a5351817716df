"""The next version of a rule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Role
from revisits.models import RuleVersion, Script
from satisfaction.models import Questionnaire

#: in which order to dial: the value of the field, and the list that the rule keeps
WHOM: dict[str, tuple[list[str], Any]] = {
    "owner": (["owner"], _("Owner")),
    "picker": (["picker", "owner"], _("Who picked the car up, else the owner")),
    "driver": (["driver", "owner"], _("Usual driver, else the owner")),
    "bringer": (["bringer", "owner"], _("Who brought the car, else the owner")),
    "bringer_driver": (["bringer", "driver", "owner"], _("Who brought the car, else the usual driver, else the owner")),
    "complainant": (["complainant"], _("Complainant")),
}


class RuleForm(forms.Form):
    """What may be changed of a rule; `shown` is the version that the user has before them."""

    is_on = forms.BooleanField(label=_("On"), required=False)
    offset_days = forms.IntegerField(label=_("Days after the fact"), min_value=0, max_value=400)
    window_after = forms.IntegerField(label=_("Desk days until the deadline"), min_value=0, max_value=60)
    tries = forms.IntegerField(label=_("Tries"), min_value=1, max_value=9)
    owner_role = forms.ChoiceField(
        label=_("Who calls"),
        choices=[choice for choice in Role.choices if choice[0] in ("specialist", "frontline", "manager")],
    )
    whom = forms.ChoiceField(label=_("Whom to dial"), choices=[(code, words) for code, (_list, words) in WHOM.items()])
    questionnaire = forms.ModelChoiceField(
        label=_("Questionnaire"), queryset=Questionnaire.objects.none(), required=False, empty_label=_("none")
    )
    script = forms.ModelChoiceField(
        label=_("Script"), queryset=Script.objects.none(), required=False, empty_label=_("none")
    )
    shown = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, store_id: int, version: RuleVersion, **kwargs: Any) -> None:
        kwargs.setdefault("initial", _initial(version))
        super().__init__(*args, **kwargs)
        self.fields["questionnaire"].queryset = Questionnaire.objects.for_store(store_id)  # type: ignore[attr-defined]
        self.fields["script"].queryset = Script.objects.for_store(store_id)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """The cleaned values under the names of the version's fields."""
        cleaned = dict(self.cleaned_data)
        cleaned.pop("shown")
        cleaned["whom"] = WHOM[cleaned["whom"]][0]
        return cleaned


def whom_code(whom: list[str]) -> str:
    """The choice that stands for a rule's order; the first that fits."""
    return next((code for code, (order, _words) in WHOM.items() if order == list(whom)), "owner")


def _initial(version: RuleVersion) -> dict[str, Any]:
    names = ("is_on", "offset_days", "window_after", "tries", "owner_role", "questionnaire", "script")
    return {name: getattr(version, name) for name in names} | {
        "whom": whom_code(version.whom),
        "shown": version.pk,
    }
