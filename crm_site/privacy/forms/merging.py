"""The form of a merge: from which card each fact comes, and what was seen of both."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm_site.core.errors import RuleBroken
from crm_site.core.forms import SubmissionMixin
from crm_site.privacy.queries.cards import state_of
from crm_site.privacy.rules import merging as rules
from customers.models import Customer

SIDES = (rules.SURVIVOR, rules.MERGED)
#: before the name of a choice in what the browser sends
PREFIX = "from:"


class MergeForm(SubmissionMixin):
    """Two cards to be made one."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    unlike = forms.BooleanField(label=_("A person's card and an enterprise's: both are meant"), required=False)

    @classmethod
    def of(cls, survivor: Customer, merged: Customer, data: Any = None) -> MergeForm:
        """The form with a seal of both cards as they are shown."""
        return cls(data, initial={"seen": state_of(survivor.pk, merged.pk)})

    def chosen(self) -> dict[str, str]:
        """{choice: side} as ticked; what nobody touched is left to the rule."""
        sent = {name.removeprefix(PREFIX): self.data[name] for name in self.data if name.startswith(PREFIX)}
        known = {code: side for code, side in sent.items() if side in SIDES}
        return {code: side for code, side in known.items() if code in rules.CHOICES or code.startswith(rules.PROFILE)}

    def refused(self, broken: RuleBroken, survivor: Customer, merged: Customer) -> MergeForm:
        """The form again with what was ticked and why it was refused; both cards count as seen now."""
        data = self.data.copy()
        data["seen"] = state_of(survivor.pk, merged.pk)
        again = type(self)(data)
        again.is_valid()
        again.add_error(broken.field if broken.field in again.fields else None, ValidationError(broken.message))
        return again
