"""The form of a car that changes hands: when, and to whom."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm_site.core.forms import DateField, NameField, PhoneField, ScopedChoiceField, SubmissionMixin
from customers.models import Customer

KNOWN, NEW, UNKNOWN = "known", "new", "unknown"
WHO = [(KNOWN, _("A customer of ours")), (NEW, _("Somebody new")), (UNKNOWN, _("Not known yet"))]


class HandoverForm(SubmissionMixin, forms.Form):
    """On which day, and who has the car now: a card that was found, a new one, or nobody known yet."""

    day = DateField(label=_("Changed hands on"))
    to = forms.ChoiceField(label=_("New owner"), choices=WHO, initial=KNOWN, widget=forms.RadioSelect)
    find = forms.CharField(label=_("Find"), max_length=60, required=False)
    customer = ScopedChoiceField(Customer, required=False, label=_("Customer"))
    name = NameField(label=_("Name"), max_length=80, required=False)
    phone = PhoneField(label=_("Phone"), required=False)

    def __init__(self, *args: Any, customers: QuerySet[Customer], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].queryset = customers  # type: ignore[attr-defined]
        self.fields["day"].initial = today

    def clean(self) -> dict[str, Any]:
        """Whoever is named must be named."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("to") == KNOWN and not cleaned.get("customer") and "customer" not in self.errors:
            self.add_error("customer", ValidationError(_("Find the new owner and choose the card."), code="required"))
        if cleaned.get("to") == NEW and not cleaned.get("name") and "name" not in self.errors:
            self.add_error("name", ValidationError(_("Write what the new owner is called."), code="required"))
        return cleaned
