"""Forms of the classes: why somebody leaves, the numbers of a definition, and the name of a segment."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.core.forms import DateField
from customers import class_wording as wording
from customers.models import Customer, DefectionType
from customers.rules.definitions import SCHEMES, shipped


class DefectionForm(forms.Form):
    """Why a customer leaves, as told."""

    reason = forms.ChoiceField(label=_("Reason"), required=False, help_text=_("Brings its kind with it."))
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("not clear")), *DefectionType.choices])
    told_on = DateField(label=_("Told on"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [("", _("not clear")), *wording.REASONS.items()]  # type: ignore[attr-defined]

    @classmethod
    def of(cls, customer: Customer, data: Any = None) -> DefectionForm:
        """Filled with what stands on the card."""
        shown = {
            "reason": customer.defection_reason,
            "kind": customer.defection_type,
            "told_on": customer.defection_told_on,
        }
        return cls(data, initial=shown)


class DefinitionForm(forms.Form):
    """The numbers of one scheme; `version` is the row that was shown, `looked` names what was looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    looked = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def __init__(self, *args: Any, scheme: str, numbers: dict[str, int], version: int, **kwargs: Any) -> None:
        super().__init__(*args, initial={**numbers, "version": version}, **kwargs)
        self.scheme = scheme
        usual = shipped(scheme)
        for one in SCHEMES[scheme]:
            self.fields[one.name] = forms.IntegerField(
                label=wording.NUMBERS[scheme][one.name], min_value=one.least, max_value=one.most,
                help_text=_("%(least)s to %(most)s, as shipped %(usual)s")
                % {"least": one.least, "most": one.most, "usual": usual[one.name]},
                error_messages={
                    name: _("Between %(least)s and %(most)s.") % {"least": one.least, "most": one.most}
                    for name in ("invalid", "required", "min_value", "max_value")
                },
            )  # fmt: skip

    def numbers(self) -> dict[str, int]:
        """What is typed, by the names of the numbers."""
        return {one.name: self.cleaned_data[one.name] for one in SCHEMES[self.scheme]}

    @property
    def digest(self) -> str:
        """Names what is typed, so that what was looked at is what is saved."""
        return "-".join(str(value) for value in self.numbers().values())


class SegmentForm(forms.Form):
    """A name for the filters of the list; of what is hidden here the action says what is wrong with it."""

    name = forms.CharField(label=_("Name of the segment"), max_length=60)
    query = forms.CharField(widget=forms.HiddenInput, required=False)
