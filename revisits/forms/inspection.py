"""The sheet of one inspection: how it was inspected, points by line, the verdict, and what is to get better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import DateField
from revisits.forms.team import Person
from revisits.models import Inspection, InspectionItem
from revisits.rules import inspection as rules


class InspectForm(forms.Form):
    """What an inspector writes down about one call."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    method = forms.ChoiceField(
        label=_("How it was inspected"),
        choices=Inspection.Method.choices,
        initial=rules.LISTEN,
        error_messages={"required": _("Choose how the call was inspected.")},
    )
    verdict = forms.ChoiceField(
        label=_("Verdict of the inspection"),
        choices=Inspection.Verdict.choices,
        error_messages={"required": _("Choose what the inspection found.")},
    )
    strengths = forms.CharField(label=_("Strengths"), max_length=500, required=False)
    weaknesses = forms.CharField(label=_("Weaknesses"), max_length=500, required=False)
    measure = forms.CharField(
        label=_("Cause and measure"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    responsible = Person(label=_("Responsible"), queryset=Employee.objects.none(), required=False)
    measure_due_on = DateField(label=_("To be done by"), required=False)
    note = forms.CharField(label=_("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, sheet: Sequence[InspectionItem], people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        self.fields["responsible"].queryset = people  # type: ignore[attr-defined]
        for item in sheet:
            messages = dict.fromkeys(
                ("invalid", "min_value", "max_value"),
                _("Give 0 to %(most)s points.") % {"most": item.weight},
            )
            self.fields[f"points_{item.code}"] = forms.IntegerField(
                label=item.label, required=False, min_value=0, max_value=item.weight, error_messages=messages
            )

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of the sheet with their fields, and whether a check call judges them too."""
        return [
            {"item": item, "field": self[f"points_{item.code}"], "by_call": item.code in rules.CALL_BACK_ITEMS}
            for item in self.sheet
        ]

    def clean(self) -> dict[str, Any]:
        """A measure needs somebody who answers for it, and a day."""
        cleaned = super().clean() or {}
        if cleaned.get("measure") and not cleaned.get("responsible"):
            self.add_error("responsible", _("Choose who answers for the measure."))
        if cleaned.get("measure") and not cleaned.get("measure_due_on"):
            self.add_error("measure_due_on", _("Write by when the measure is to be done."))
        return cleaned

    def points(self) -> dict[str, int]:
        """{line: points}, lines left empty left out."""
        given = {item.code: self.cleaned_data.get(f"points_{item.code}") for item in self.sheet}
        return {code: points for code, points in given.items() if points is not None}

    def refuse(self, refused: RuleBroken) -> None:
        """Put a refusal at its field, or over the form."""
        self.add_error(refused.field if refused.field in self.fields else None, refused.message)
