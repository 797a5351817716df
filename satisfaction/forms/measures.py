"""What a user types about an improvement measure."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Department, Employee
from crm_site.core.forms import DateField, ScopedChoiceField, SubmissionMixin
from satisfaction import effect
from satisfaction.models import ImprovementMeasure


class ResponsibleField(ScopedChoiceField):
    """Somebody of the stores on offer; named with the store where there are several."""

    shows_store = False

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.store.short_name}" if self.shows_store else obj.name


class MeasureForm(SubmissionMixin):
    """Cause, measure, responsible person (whose store is the measure's), department and date."""

    cause = forms.CharField(label=_("Cause"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    measure = forms.CharField(label=_("Measure"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    responsible = ResponsibleField(Employee, label=_("Responsible"), empty_label=_("Choose a person"))
    department = forms.ChoiceField(label=_("Department"), choices=[("", _("Choose a department")), *Department.choices])
    due_on = DateField(label=_("Done by"))
    measured_by = forms.ChoiceField(
        label=_("Measured by"),
        required=False,
        help_text=_("Compared as long before as after; choose what should become better."),
    )

    def __init__(self, *args: Any, store_ids: list[int], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        responsible = cast(ResponsibleField, self.fields["responsible"])
        responsible.shows_store = len(store_ids) > 1
        people = Employee.objects.filter(store_id__in=store_ids).employed_on(today)
        responsible.queryset = people.select_related("store").order_by("store_id", "number")
        cast(forms.ChoiceField, self.fields["measured_by"]).choices = effect.choices(store_ids)

    def clean(self) -> dict[str, Any]:
        """Read the choice “measured by” as metric and code."""
        values = super().clean() or self.cleaned_data
        values["metric"], _colon, values["metric_code"] = values.pop("measured_by", "").partition(":")
        return values


class CheckForm(forms.Form):
    """What an improvement measure has brought, and why one thinks so."""

    effect = forms.ChoiceField(
        label=_("What it has brought"), choices=ImprovementMeasure.Effect.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("Reason"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
