"""What a user types about an improvement measure."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Department, Employee
from crm_site.core.forms import DateField, ScopedChoiceField, SubmissionMixin


class MeasureForm(SubmissionMixin):
    """Cause, measure, responsible person, department and date, within one store."""

    cause = forms.CharField(label=_("Cause"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    measure = forms.CharField(label=_("Measure"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    responsible = ScopedChoiceField(Employee, label=_("Responsible"), empty_label=_("Choose a person"))
    department = forms.ChoiceField(label=_("Department"), choices=Department.choices)
    due_on = DateField(label=_("Done by"))

    def __init__(self, *args: Any, store_id: int, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Employee.objects.filter(store_id=store_id).employed_on(today)
        self.fields["responsible"].queryset = people  # type: ignore[attr-defined]
