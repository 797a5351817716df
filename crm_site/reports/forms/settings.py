"""How a store closes its months, as its manager enters it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.reports import periods
from crm_site.reports.models import ReportSettings


class SettingsForm(forms.ModelForm):
    """The business month, the public days, the day of publishing."""

    month_begins = forms.TypedChoiceField(
        label=_("The business month"),
        coerce=int,
        choices=[
            (periods.NATURAL, _("the calendar month")),
            (21, _("from the 21st to the 20th")),
            (26, _("from the 26th to the 25th")),
        ],
    )
    shown_days = forms.IntegerField(
        label=_("Public days"), min_value=1, max_value=10,
        help_text=_("working days after the month on which heads and employees look and may appeal"),
    )  # fmt: skip
    publish_after = forms.IntegerField(
        label=_("Day of publishing"), min_value=1, max_value=20, help_text=_("the n-th working day after the month")
    )
    publishes_itself = forms.BooleanField(
        label=_("Published by itself on that evening"), required=False,
        help_text=_("never while an appeal is open or the sum is uneven; the managers are told instead"),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = ReportSettings
        fields = ("month_begins", "shown_days", "publish_after", "publishes_itself")

    def clean(self) -> dict[str, Any]:
        """The month is published after its public days."""
        said = super().clean() or {}
        if said.get("shown_days") and said.get("publish_after") and said["publish_after"] <= said["shown_days"]:
            self.add_error("publish_after", _("Publish after the last public day."))
        return said

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
