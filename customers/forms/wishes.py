"""The form of what customers agree to, and what not."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.core.forms import DateField
from customers.models import Consent

SAID = [("yes", _("Agrees")), ("no", _("Does not agree"))]


class ConsentForm(forms.Form):
    """To what somebody agreed or not, when and how they told us."""

    purpose = forms.ChoiceField(label=_("To what"), choices=Consent.Purpose.choices)
    said = forms.ChoiceField(label=_("The customer's answer"), choices=SAID)
    told_on = DateField(label=_("Told on"))
    source = forms.ChoiceField(
        label=_("How"), choices=[one for one in Consent.Source.choices if one[0] != Consent.Source.IMPORT]
    )
    note = forms.CharField(
        label=_("What the customer said"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["told_on"].initial = today
        self.fields["purpose"].initial = Consent.Purpose.MARKETING
