"""What a user types to decide about low answers."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from satisfaction.queries.decisions import CHOICES, LONGEST_REASON


class DecideForm(forms.Form):
    """What happens with the low answers, and the reason where no ticket follows."""

    decision = forms.ChoiceField(
        label=_("What happens with it"),
        choices=[(one.value, one.label) for one in CHOICES],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happens with the low answers.")},
    )
    reason = forms.CharField(
        label=_("What was done or said"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed where no ticket is opened: how it was settled, or why the customer does not pursue it."),
    )
