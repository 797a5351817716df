"""The three small forms of the phone's page: contact, proposal, done; only what cannot be known otherwise is asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.models import CauseClass, Complaint, Kind, Liability, State
from crm_site.accounts.models import Employee
from crm_site.core.forms import HiddenNumbersMixin

YES_NO = [("yes", _("Reached")), ("no", _("Not reached"))]
ANSWERS = [("yes", _("Agrees")), ("no", _("Does not agree")), ("", _("Not told yet"))]


class QuickForm(HiddenNumbersMixin):
    """One tap; `version` is the ticket's as it was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    button: str | Promise = ""
    step = ""

    def __init__(self, *args: Any, complaint: Complaint, day: date, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"id_{self.step}_%s", **kwargs)
        self.complaint, self.day = complaint, day
        self.fields["version"].initial = complaint.version
        self.prepare()
        self.hide_numbers()

    def prepare(self) -> None:
        """Fill choices and initial values from the ticket."""

    def arguments(self) -> dict[str, Any]:
        """The clean values as arguments of the action."""
        raise NotImplementedError


def _words(label: Any, *, required: bool = False, rows: int = 2) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=1000, widget=forms.Textarea(attrs={"rows": rows}))


class ContactForm(QuickForm):
    """Whether the customer was reached, and what they said."""

    step = "contact"
    button = _("Log the contact")
    reached = forms.ChoiceField(label=_("The customer"), choices=YES_NO, initial="yes", widget=forms.RadioSelect)
    note = _words(_("What the customer said"))

    def arguments(self) -> dict[str, Any]:
        values = self.cleaned_data
        word = dict(YES_NO)[values["reached"]]
        return {"reached": values["reached"] == "yes", "note": values["note"] or str(word)}


class ProposalForm(QuickForm):
    """Why it happened, what we offer, and what the customer says to it."""

    step = "proposal"
    button = _("Save the proposal")
    cause_class = forms.ChoiceField(label=_("Cause class"), choices=CauseClass.choices, widget=forms.RadioSelect)
    solution = _words(_("Solution"), required=True, rows=3)
    compensation = forms.DecimalField(
        label=_("Compensation (yuan)"),
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    accepts = forms.ChoiceField(
        label=_("The customer"), choices=ANSWERS, initial="", required=False, widget=forms.RadioSelect
    )

    def prepare(self) -> None:
        self.initial |= {
            "cause_class": self.complaint.cause_class,
            "solution": self.complaint.solution,
            "compensation": self.complaint.compensation,
        }

    def arguments(self) -> dict[str, Any]:
        values = self.cleaned_data
        cause = self.complaint.cause or str(CauseClass(values["cause_class"]).label)
        answer = {"yes": True, "no": False}.get(values["accepts"])
        return {
            "cause_class": values["cause_class"],
            "cause": cause,
            "solution": values["solution"],
            "compensation": values["compensation"],
            "accepts": answer,
        }


class DoneForm(QuickForm):
    """What was done, and who answers for it where nobody is named yet."""

    step = "done"
    button = _("Done, hand over to the confirming call")
    note = _words(_("What was done"))
    direct = forms.ChoiceField(label=_("Directly liable"))

    def prepare(self) -> None:
        if self.complaint.kind == Kind.QUESTION:
            self.fields["note"].label, self.fields["note"].required = _("Answer given to the customer"), True
            self.button = _("Answer and close")
        named = self.complaint.liabilities.filter(kind=Liability.Kind.DIRECT).exists()
        if named or self.complaint.kind == Kind.QUESTION:
            del self.fields["direct"]
            return
        self.employees = Employee.objects.filter(store_id=self.complaint.store_id).employed_on(self.day)
        people = [(f"employee:{one.pk}", one.name) for one in self.employees.order_by("number")]
        parties = [(value, word) for value, word in Liability.Party.choices if value != Liability.Party.EMPLOYEE]
        self.fields["direct"].choices = [("", "—"), (_("Nobody in person"), parties), (_("Employees"), people)]

    def arguments(self) -> dict[str, Any]:
        values = self.cleaned_data
        party, _colon, pk = (values.get("direct") or "").partition(":")
        words = self.complaint.solution if self.complaint.state != State.ACTING else ""
        return {
            "note": values["note"] or words or str(_("All done")),
            "party": party,
            "employee": self.employees.get(pk=pk) if pk else None,
        }


FORMS: dict[str, type[QuickForm]] = {form.step: form for form in (ContactForm, ProposalForm, DoneForm)}
