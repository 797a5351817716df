"""What a call brings beside its answers: booking, mileage, words on open tickets, results of further purposes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint
from crm_site.core.forms import DateField
from revisits.models import Revisit
from revisits.said import BookingWanted, Purpose, ScriptRead

#: no odometer shows more
MOST_KM = 2_000_000


class BesideForm(forms.Form):
    """The fields beside the questionnaire; `offer` adds those that depend on the call at hand."""

    booking_on = DateField(label=_("Day of the visit"), required=False)
    booking_time = forms.TimeField(label=_("Time of the visit"), required=False)
    booking_what = forms.CharField(label=_("What is to be done"), max_length=200, required=False)
    mileage_km = forms.IntegerField(label=_("Mileage now"), min_value=1, max_value=MOST_KM, required=False)
    script_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    #: the further purposes that stood on the page: what was joined to the call since has not been talked about
    purposes_shown = forms.RegexField(r"^\d{1,18}(,\d{1,18})*$", widget=forms.HiddenInput, required=False)
    script_places = forms.RegexField(r"^\d+(,\d+)*$", widget=forms.HiddenInput, max_length=200, required=False)

    def offer(self, tickets: Sequence[Complaint], joined: Sequence[Revisit]) -> None:
        """Add a field for each open ticket and each further purpose of the call."""
        self.tickets, self.joined = list(tickets), list(joined)
        for ticket in self.tickets:
            self.fields[f"chase_{ticket.pk}"] = forms.CharField(max_length=1000, required=False)
        for task in self.joined:
            self.fields[f"purpose_{task.pk}"] = forms.ChoiceField(choices=Purpose.choices, required=False)

    def clean(self) -> dict[str, Any]:
        """A booking needs its day."""
        cleaned = super().clean() or {}
        if not cleaned.get("booking_on") and "booking_on" not in self.errors and self._names_no_day(cleaned):
            self.add_error("booking_on", _("Choose the day on which the customer wants to come."))
        return cleaned

    @staticmethod
    def _names_no_day(cleaned: dict[str, Any]) -> bool:
        return bool(cleaned.get("booking_time") or cleaned.get("booking_what"))

    def booking(self) -> BookingWanted | None:
        """The visit that the customer asked for; None for none."""
        said = self.cleaned_data
        if not said.get("booking_on"):
            return None
        return BookingWanted(said["booking_on"], said.get("booking_time"), said.get("booking_what") or "")

    def chases(self) -> dict[int, str]:
        """{ticket: what the customer says about it}, without those that were not talked about."""
        said = {ticket.pk: self.cleaned_data.get(f"chase_{ticket.pk}") or "" for ticket in self.tickets}
        return {pk: words for pk, words in said.items() if words}

    def purposes(self) -> dict[int, str]:
        """{joined task that stood on the page: Purpose}; '' where the caller left it to the result of the call."""
        shown = set(map(int, filter(None, (self.cleaned_data.get("purposes_shown") or "").split(","))))
        said = {task.pk: self.cleaned_data.get(f"purpose_{task.pk}") or "" for task in self.joined}
        return {pk: word for pk, word in said.items() if word or pk in shown}

    def script_read(self) -> ScriptRead:
        """Which text was on the page."""
        places: Iterable[str] = filter(None, (self.cleaned_data.get("script_places") or "").split(","))
        return ScriptRead(self.cleaned_data.get("script_version"), tuple(int(place) for place in places))
