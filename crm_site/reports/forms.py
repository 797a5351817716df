"""What may be asked of reports: which month to build, and why one is reopened."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Store
from crm_site.reports import rules, wording
from crm_site.reports.models import MonthlyReport, ReportState

#: how many months back a report may be built by hand
MONTHS_BACK = 12


class BuildForm(forms.Form):
    """A store and a month that has begun."""

    store = forms.ModelChoiceField(Store.objects.none(), label=_("Store"), empty_label=None)
    month = forms.ChoiceField(label=_("Month"))
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, stores: list[int], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["store"].queryset = Store.objects.filter(pk__in=stores)  # type: ignore[attr-defined]
        months = [rules.month_start(today, back) for back in range(MONTHS_BACK + 1)]
        self.fields["month"].choices = [  # type: ignore[attr-defined]
            (f"{month:%Y-%m}", wording.month_name(month)) for month in months
        ]
        self.fields["month"].initial = f"{_first_open(stores, months[1], months[0]):%Y-%m}"

    def clean_month(self) -> date:
        """The first day of the chosen month."""
        year, month = self.cleaned_data["month"].split("-")
        return date(int(year), int(month), 1)


class ReopenForm(forms.Form):
    """The reason why a published month is counted anew."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why the month is reopened.")},
    )


def _first_open(stores: list[int], last: date, running: date) -> date:
    """The month to offer: the last one, or the running one when every store has published the last."""
    published = MonthlyReport.objects.filter(store_id__in=stores, month=last, state=ReportState.PUBLISHED)
    done = set(published.values_list("store_id", flat=True))
    return running if done >= set(stores) else last
