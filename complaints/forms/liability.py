"""The forms about whose fault it was: who is liable, and whether the complaint counts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints import people, wording
from complaints.forms.base import StepForm
from complaints.forms.fields import EmployeeField
from complaints.models import Liability, Validity
from crm_site.accounts.models import Employee


class ValidityForm(StepForm):
    """Whether it counts."""

    validity = forms.ChoiceField(label=_("Validity"), choices=Validity.choices)
    ground = forms.ChoiceField(label=_("Why it does not count"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=1000)
    button = _("Save the judgement")

    def prepare(self) -> None:
        self.fields["ground"].choices = [("", "—"), *wording.GROUNDS.items()]
        self.fields["ground"].help_text = _("needed for an invalid one")
        self.initial["validity"] = self.complaint.validity


class LiabilityForm(StepForm):
    """Who answers for it: one party directly, perhaps one or two jointly; and who takes over from a handler named."""

    direct = forms.ChoiceField(label=_("Directly liable"))
    joint = EmployeeField(label=_("Jointly liable"), required=False)
    joint_2 = EmployeeField(label=_("Also jointly liable"), required=False)
    handler = EmployeeField(
        label=_("New handler"), required=False, help_text=_("only where the present one is named as directly liable")
    )
    button = _("Save who is liable")

    def prepare(self) -> None:
        complaint = self.complaint
        self.employees = _nameable(self)
        for name in ("joint", "joint_2"):
            self.fields[name].offer(self.employees, complaint.received_on)
        label = self.fields["joint"].label_from_instance
        people_ = [(f"employee:{one.pk}", label(one)) for one in self.fields["joint"].queryset]
        parties = [(value, word) for value, word in Liability.Party.choices if value != Liability.Party.EMPLOYEE]
        self.fields["direct"].choices = [("", "—"), (_("Employees"), people_), (_("Nobody in person"), parties)]
        if complaint.handler_id is None or not complaint.is_open:
            del self.fields["handler"]
        else:
            rows = people.members(complaint.store_id, people.HANDLING_ROLES, self.day)
            self.fields["handler"].offer(rows.exclude(pk=complaint.handler_id), self.day)
        self._show_named()

    def _show_named(self) -> None:
        joint = []
        for row in self.complaint.liabilities.all():
            if row.kind == Liability.Kind.DIRECT:
                self.initial["direct"] = f"employee:{row.employee_id}" if row.employee_id else row.party
            else:
                joint.append(row.employee_id)
        self.initial |= dict(zip(("joint", "joint_2"), sorted(filter(None, joint)), strict=False))

    def arguments(self) -> dict[str, Any]:
        """Who is named, as the action takes it."""
        party, _colon, pk = self.cleaned_data["direct"].partition(":")
        employee = self.employees.get(pk=pk) if pk else None
        joint = [self.cleaned_data[name] for name in ("joint", "joint_2") if self.cleaned_data[name]]
        handler = self.cleaned_data.get("handler")
        return {"party": party, "employee": employee, "joint": list(dict.fromkeys(joint)), "handler": handler}


class ConfirmLiabilityForm(LiabilityForm):
    """The head's word on who answers for it."""

    button = _("Confirm who is liable")


def _nameable(form: LiabilityForm) -> Any:
    """Everybody employed when it was received, and whoever served the job or is named, though they left before."""
    complaint = form.complaint
    rows = Employee.objects.filter(store_id=complaint.store_id)
    employed = rows.employed_on(complaint.received_on)
    named = people.involved(complaint)
    known = {*named.accused, *named.liable, *named.joint, *named.served}
    return rows.filter(Q(pk__in=employed.values("pk")) | Q(pk__in=known))
