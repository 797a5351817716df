"""What is entered about personal data: a request, a decision, an export."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.core import clock
from crm_site.core.forms import SubmissionMixin
from crm_site.privacy.models import DataRequest


class RequestForm(SubmissionMixin):
    """What a customer asks for, when, and in which words."""

    kind = forms.ChoiceField(label=_("What is asked for"), choices=DataRequest.Kind.choices, widget=forms.RadioSelect)
    asked_on = forms.DateField(
        label=_("Asked on"), initial=clock.today, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    words = forms.CharField(
        label=_("In the customer's words"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("How they asked and how they proved who they are; which facts are wrong, for a correction."),
    )


class DecisionForm(forms.Form):
    """Why a request is granted or declined."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The customer is told it, in writing where they ask for that."),
    )


class AnonymiseForm(forms.Form):
    """That whoever anonymises a card by hand has read what it means."""

    understood = forms.BooleanField(
        label=_("I have checked that the term is over and that this cannot be taken back"),
        error_messages={"required": _("Tick that you have checked it.")},
    )


class ExportForm(SubmissionMixin):
    """Which columns of a list leave the house, why, and whether numbers stand in it in full."""

    columns = forms.MultipleChoiceField(label=_("Columns of the file"), widget=forms.CheckboxSelectMultiple)
    file_format = forms.ChoiceField(
        label=_("Kind of file"),
        choices=[("xlsx", _("Excel (xlsx)")), ("csv", "CSV")],
        widget=forms.RadioSelect,
        initial="xlsx",
    )
    reason = forms.CharField(
        label=_("What it is needed for"),
        max_length=200,
        help_text=_("such as a recall letter; stands in the log and on every page"),
    )
    in_full = forms.BooleanField(
        label=_("Numbers and addresses in full"),
        required=False,
        help_text=_("Without it telephones, VINs and what else is hidden on the cards stay masked."),
    )

    def __init__(self, *args: Any, columns: list[tuple[str, Any]], may_in_full: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["columns"].choices = columns  # type: ignore[attr-defined]
        if not may_in_full:
            del self.fields["in_full"]
