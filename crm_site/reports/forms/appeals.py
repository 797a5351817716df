"""What an appeal and its decision ask for."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.models import Liability
from crm_site.accounts.models import Employee
from crm_site.reports.models import Appeal


class AppealForm(forms.Form):
    """Why the liability or the answer is not the employee's."""

    reason = forms.CharField(
        label=_("Why this is not theirs"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Give the reason in a few words; it stays on record.")},
    )
    submission = forms.UUIDField(widget=forms.HiddenInput)


class DecideForm(forms.Form):
    """Accepted or rejected with a reason; accepted, who answers instead."""

    verdict = forms.ChoiceField(
        label=_("Decision"),
        choices=[("accepted", _("Accept: somebody else answers")), ("rejected", _("Reject: it stays"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether the appeal is accepted.")},
    )
    party = forms.ChoiceField(label=_("Who answers instead"), required=False)
    liable = forms.ModelChoiceField(
        Employee.objects.none(), label=_("The employee"), required=False, empty_label=_("nobody named")
    )
    decision = forms.CharField(
        label=_("Reason of the decision"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Give the reason in a few words; it stays on record.")},
    )

    def __init__(self, *args: Any, appeal: Appeal, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_answer = appeal.response_id is not None
        people = Employee.objects.filter(store_id=appeal.store_id).employed_on(today).exclude(pk=appeal.employee_id)
        self.fields["liable"].queryset = people.order_by("number")  # type: ignore[attr-defined]
        if self.is_answer:
            del self.fields["party"]
            self.fields["liable"].label = _("Whose work the answers judge")
        else:
            self.fields["party"].choices = Liability.Party.choices  # type: ignore[attr-defined]
            self.fields["party"].initial = Liability.Party.NOBODY

    def clean(self) -> dict[str, Any]:
        """An accepted appeal against a liability names a party, and the employee where the party is one."""
        said = super().clean() or {}
        if said.get("verdict") == "accepted" and not self.is_answer:
            is_employee = said.get("party") == Liability.Party.EMPLOYEE
            if is_employee and not said.get("liable"):
                self.add_error("liable", _("Choose the employee who answers instead."))
            if not is_employee:
                said["liable"] = None
        return said

    def arguments(self) -> dict[str, Any]:
        """What the action takes."""
        said = self.cleaned_data
        return {
            "accepts": said["verdict"] == "accepted",
            "decision": said["decision"],
            "party": said.get("party", ""),
            "liable": said.get("liable"),
        }
