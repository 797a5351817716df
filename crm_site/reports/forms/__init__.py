"""What may be asked of reports: which month to build, and why one is reopened."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Store
from crm_site.reports import periods, wording
from crm_site.reports.export.subjects import fields_of
from crm_site.reports.models import ExportLayout, MonthlyReport, ReportState

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
        months = [periods.month_start(today, back) for back in range(MONTHS_BACK + 1)]
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


class BringForm(forms.Form):
    """A manufacturer's empty sheet, what it is called and which list fills it."""

    store = forms.ModelChoiceField(Store.objects.none(), label=_("Store"), empty_label=None)
    name = forms.CharField(label=_("Name of the sheet"), max_length=80)
    subject = forms.ChoiceField(label=_("Which list fills it"), choices=ExportLayout.Subject.choices)
    file = forms.FileField(label=_("Empty sheet (.xlsx)"), widget=forms.FileInput(attrs={"accept": ".xlsx"}))
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, stores: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["store"].queryset = Store.objects.filter(pk__in=stores)  # type: ignore[attr-defined]


class ColumnsForm(forms.Form):
    """Which field stands in which column of a sheet; one choice for each column."""

    first_row = forms.IntegerField(label=_("First line to fill"), min_value=2, max_value=1000)
    shown = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, subject: str, columns: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("leave empty")), *((code, field.label) for code, field in fields_of(subject).items())]
        self.columns = columns
        for one in columns:
            self.fields[f"c{one['column']}"] = forms.ChoiceField(
                label=one["title"] or _("Column without a title"), choices=choices, required=False,
                initial=one["field"],
            )  # fmt: skip

    def chosen(self) -> list[dict[str, Any]]:
        """The columns with the fields that were chosen."""
        return [{**one, "field": self.cleaned_data[f"c{one['column']}"]} for one in self.columns]


class FillForm(forms.Form):
    """The month to fill in, and what the list is for."""

    month = forms.ChoiceField(label=_("Month"))
    reason = forms.CharField(
        label=_("What the list is for"), max_length=200, error_messages={"required": _("Say what the list is for.")}
    )
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        months = [periods.month_start(today, back) for back in range(MONTHS_BACK + 1)]
        self.fields["month"].choices = [  # type: ignore[attr-defined]
            (f"{month:%Y-%m}", wording.month_name(month)) for month in months
        ]
        self.fields["month"].initial = f"{months[1]:%Y-%m}"


def _first_open(stores: list[int], last: date, running: date) -> date:
    """The month to offer: the last one, or the running one when every store has published the last."""
    published = MonthlyReport.objects.filter(store_id__in=stores, month=last, state=ReportState.PUBLISHED)
    done = set(published.values_list("store_id", flat=True))
    return running if done >= set(stores) else last
