"""Forms of bookings, of a number that is checked, and of the table of service intervals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.core.forms import DateField, PhoneField, SubmissionMixin
from customers.models import Vehicle


class BookingForm(SubmissionMixin, forms.Form):
    """When a customer wants to bring a car, and what for."""

    wanted_on = DateField(label=_("Day"))
    wanted_at = forms.TimeField(
        label=_("Time"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("Write a time like 14:30, or leave it empty.")},
    )  # fmt: skip
    what = forms.CharField(
        label=_("What for"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("As the customer says it: maintenance, a noise, a recall."),
    )  # fmt: skip


class NumberSaidForm(forms.Form):
    """The number that the customer says when asked."""

    number = PhoneField(label=_("Number the customer says"))


class IntervalsForm(forms.Form):
    """After how many kilometres or months a car is due; `shown` marks the row that the user has before them."""

    first_km = forms.IntegerField(label=_("First service after (km)"), min_value=100, max_value=100_000)
    first_months = forms.IntegerField(label=_("or after (months)"), min_value=1, max_value=60)
    next_km = forms.IntegerField(label=_("Maintenance every (km)"), min_value=100, max_value=100_000)
    next_months = forms.IntegerField(label=_("or every (months)"), min_value=1, max_value=60)
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def values(self) -> dict[str, int]:
        """The intervals under the names of the table's columns."""
        return {name: self.cleaned_data[name] for name in ("first_km", "first_months", "next_km", "next_months")}


class NewIntervalsForm(IntervalsForm):
    """The same for a series and power that have no row yet."""

    series = forms.ChoiceField(label=_("Series"), required=False)
    power = forms.ChoiceField(label=_("Power"), required=False)

    field_order = ["series", "power"]

    def __init__(self, *args: Any, series: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        powers = Vehicle._meta.get_field("power").choices or []
        self.fields["series"].choices = [("", _("Any series")), *((one, one) for one in series)]  # type: ignore[attr-defined]
        self.fields["power"].choices = [("", _("Any power")), *powers]  # type: ignore[attr-defined]
