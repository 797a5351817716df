"""The forms of the end of a ticket: closing what is confirmed, a late word, and the repairs of the same problem."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints import repairs
from complaints.forms.base import StepForm
from complaints.models import ConfirmResult
from crm_site.core import formats
from customers.models import RepairOrder


class CloseForm(StepForm):
    """Nothing but the click: the customer has confirmed, and what was missing is there now."""

    button = _("Close the complaint")
    hint = _("the customer has confirmed; nothing is missing any more")


class RangBackForm(StepForm):
    """What the customer says who could not be reached before."""

    result = forms.ChoiceField(label=_("What the customer says about the handling"))
    note = forms.CharField(label=_("What the customer said"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    button = _("Save what the customer says")
    hint = _("takes the place of “could not be reached”; dissatisfied opens the complaint again")

    def prepare(self) -> None:
        words = [(value, word) for value, word in ConfirmResult.choices if value != ConfirmResult.UNREACHABLE]
        self.fields["result"].choices = [("", "—"), *words]


class OrdersField(forms.ModelMultipleChoiceField):
    """Repair orders of a car, each with its day and what was done."""

    widget = forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})

    def label_from_instance(self, obj: RepairOrder) -> str:
        """`RO0001 · 2026-09-12 · 更换空调滤芯`."""
        what = obj.items or obj.complaint_text or obj.get_job_type_display()
        return f"{obj.order_number} · {formats.day(obj.checked_in_on)} · {what[:40]}"


class RepairsForm(StepForm):
    """Which repairs of the car were for the problem of this complaint."""

    orders = OrdersField(RepairOrder.objects.none(), label=_("Repairs of the same problem"), required=False)
    button = _("Save the choice")
    hint = _("what is ticked is counted as repaired without success")

    def prepare(self) -> None:
        rows = repairs.orders_of(self.complaint)
        keys = [order.pk for order in rows]
        self.fields["orders"].queryset = RepairOrder.objects.filter(pk__in=keys).order_by("checked_in_on", "pk")
        found = repairs.tally(self.complaint, rows, self.day)
        self.initial["orders"] = sorted(found.same) if found else repairs.chosen(self.complaint) or []

    def _as_text(self, name: str, value: Any) -> str:
        """A choice of several compares as the set of its keys."""
        if name != "orders":
            return super()._as_text(name, value)
        return ",".join(sorted(str(getattr(one, "pk", one)) for one in value or ()))
