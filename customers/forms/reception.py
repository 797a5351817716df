"""What a customer says at the counter: one field for each fact that is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.core.forms import DateField, NameField, PhoneField
from customers.rules import reception as rules

NAMES = {
    rules.PHONE: "number",
    rules.ADDRESS: "address",
    rules.INSURANCE: "insurance_until",
    rules.DRIVER: "driver",
}


class AskedForm(forms.Form):
    """The fields of one line; `facts` are those that are asked of this customer."""

    number = PhoneField(label=_("Number the customer says"), required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    insurance_until = DateField(label=_("Insured until"), required=False)
    driver = NameField(label=_("Usual driver"), max_length=80, required=False)
    right = forms.MultipleChoiceField(choices=[("phone", ""), ("address", "")], required=False)
    declined = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, facts: Sequence[str], pk: int) -> None:
        self.facts = list(facts)
        super().__init__(data, auto_id=f"ask-{pk}-%s")
        for fact, name in NAMES.items():
            if fact not in self.facts:
                del self.fields[name]
            else:
                self.fields[name].widget.attrs |= {"class": "form-control form-control-sm"}

    def asked(self) -> list[tuple[str, Any]]:
        """(fact, bound field) in the order in which they are asked."""
        return [(fact, self[NAMES[fact]]) for fact in self.facts]

    def said(self) -> dict[str, Any]:
        """What was said, under the names of actions.reception.Said; “not told today” is about what was left empty."""
        sent = self.cleaned_data
        values = {name: sent.get(name) for name in NAMES.values() if sent.get(name)}
        right = set(sent["right"]) & set(self.facts)
        told = {fact for fact in self.facts if sent.get(NAMES[fact])} | right
        declined = set(self.facts) - told if sent["declined"] else set()
        return {**values, "right": right, "declined": declined}
