"""The form of each step of a ticket, which gives clean arguments for its action."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints import people, settings, wording
from complaints.forms.base import StepForm
from complaints.forms.closing import CloseForm, RangBackForm, RepairsForm
from complaints.forms.fields import EmployeeField
from complaints.forms.liability import ConfirmLiabilityForm, LiabilityForm, ValidityForm
from complaints.models import CauseClass, Complaint
from crm_site.accounts.models import Employee
from crm_site.core import formats
from crm_site.core.forms import DateField, ScopedChoiceField


def _words(label: str | Promise, *, required: bool = True, rows: int = 2, limit: int = 1000) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=limit, widget=forms.Textarea(attrs={"rows": rows})
    )


def _yuan(label: str | Promise) -> forms.DecimalField:
    typed = forms.TextInput(attrs={"inputmode": "decimal"})
    return forms.DecimalField(label=label, required=False, min_value=0, max_digits=12, decimal_places=2, widget=typed)


class NoteForm(StepForm):
    """Some words."""

    note = _words(_("Note"))


class OptionalNoteForm(StepForm):
    """Some words, or none."""

    note = _words(_("Note"), required=False)


class ReasonForm(StepForm):
    """Why."""

    reason = _words(_("Reason"), limit=200)


class EmptyForm(StepForm):
    """Nothing but the click."""


class AcceptForm(StepForm):
    """Who handles it, and how grave it is."""

    handler = EmployeeField(label=_("Handler"))
    level_code = forms.ChoiceField(label=_("Level"), required=False)
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=200, help_text=_("needed when the level goes down")
    )
    button = _("Accept and start")
    hint = _("the handler is told, and the level sets the deadlines")

    def prepare(self) -> None:
        # also whom it is about: who chooses them is told why not, and who can
        self.fields["handler"].offer(people.members(self.complaint.store_id, people.HANDLING_ROLES, self.day), self.day)
        self.fields["handler"].initial = self.complaint.handler_id
        _offer_levels(self, "level_code")
        if self.complaint.level is None:
            del self.fields["level_code"], self.fields["reason"]


class ContactForm(StepForm):
    """What the contact with the customer brought."""

    note = _words(_("What the customer said"))
    reached = forms.BooleanField(label=_("Reached the customer"), required=False, initial=True)
    button = _("Log the contact")
    hint = _("reached, or a second try, counts as the first response")


class InvestigateForm(StepForm):
    """Why it happened."""

    cause_class = forms.ChoiceField(label=_("Cause class"))
    cause = _words(_("Cause"), rows=3)
    button = _("Save the cause")
    hint = _("then a solution is looked for")

    def prepare(self) -> None:
        self.fields["cause_class"].choices = [("", "—"), *CauseClass.choices]
        self.initial |= {"cause_class": self.complaint.cause_class, "cause": self.complaint.cause}


class ProposeForm(StepForm):
    """What we offer."""

    solution = _words(_("Solution"), rows=3)
    compensation = _yuan(_("Compensation (yuan)"))
    claim_amount = _yuan(_("Warranty or insurance claim (yuan)"))
    button = _("Save the solution")
    hint = _("then the customer is told")

    def prepare(self) -> None:
        limit = formats.money(settings.of(self.complaint.store_id).compensation_limit)
        self.fields["compensation"].help_text = _("above %(limit)s a manager approves") % {"limit": limit}
        self.fields["claim_amount"].help_text = _("what the manufacturer or an insurer is asked to pay")
        for name in ("solution", "compensation", "claim_amount"):
            self.initial[name] = getattr(self.complaint, name)


class ApproveForm(EmptyForm):
    """A manager's yes."""

    button = _("Approve the solution")
    hint = _("the customer may then be told")


class TellForm(StepForm):
    """What the customer said to the solution."""

    accepts = forms.TypedChoiceField(
        label=_("The customer"),
        choices=[("yes", _("accepts the solution")), ("no", _("does not accept it"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the customer said.")},
    )
    note = _words(_("What the customer said"), required=False)
    button = _("Save the customer's answer")
    hint = _("who does not accept sends it back to the investigation")


class ActForm(NoteForm):
    """What is being done."""

    button = _("Save what is done")
    hint = _("then the confirming call")


class SubmitForm(OptionalNoteForm):
    """Everything is done."""

    button = _("Hand over to the confirming call")
    hint = _("somebody else than the handler calls the customer within a day")


class ReviewForm(StepForm):
    """What we learn from it."""

    review_note = _words(_("Review note"), rows=3)
    measure = _words(_("Improvement measure"), required=False, limit=500)
    responsible = EmployeeField(label=_("Responsible"), required=False)
    due_on = DateField(label=_("Done by"), required=False)
    submission = forms.UUIDField(widget=forms.HiddenInput)
    #: the submission also names the measure that the step makes
    machinery = ("version", "shown")
    button = _("Save the review")

    def prepare(self) -> None:
        store_id = self.complaint.store_id
        self.fields["responsible"].offer(Employee.objects.filter(store_id=store_id).employed_on(self.day), self.day)
        self.initial |= {"review_note": self.complaint.review_note}


class AnswerForm(StepForm):
    """The answer that the customer was given."""

    solution = _words(_("Answer given to the customer"), rows=3)
    button = _("Answer and close")
    hint = _("the customer was called back")


class ReassignForm(StepForm):
    """Who takes over."""

    handler = EmployeeField(label=_("New handler"))
    note = forms.CharField(label=_("Note"), required=False, max_length=1000)
    button = _("Reassign")

    def prepare(self) -> None:
        rows = people.members(self.complaint.store_id, people.HANDLING_ROLES, self.day)
        self.fields["handler"].offer(rows.exclude(pk=self.complaint.handler_id), self.day)


class LevelForm(StepForm):
    """How grave it is."""

    level_code = forms.ChoiceField(label=_("Level"))
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=200, help_text=_("needed when the level goes down")
    )
    button = _("Change the level")

    def prepare(self) -> None:
        _offer_levels(self, "level_code")


class WordsForm(StepForm):
    """Whether the customer's single words make it L4."""

    is_grave = forms.TypedChoiceField(
        label=_("Is this about safety, so that it is L4?"),
        choices=[("yes", _("Yes, raise it to L4")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)
    button = _("Save the answer")


class ProposedLevelForm(StepForm):
    """Whether the proposed level is taken over."""

    accepts = forms.TypedChoiceField(
        label=_("The proposed level"),
        choices=[("yes", _("Take it over")), ("no", _("Decline it"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=200, help_text=_("needed when it is declined")
    )
    button = _("Save the decision")


class PauseForm(StepForm):
    """What we wait for, and how long."""

    waiting_for = forms.ChoiceField(label=_("Waiting for"))
    reason = forms.CharField(label=_("Reason"), max_length=180)
    until = DateField(label=_("Until"))
    button = _("Pause the clock")

    def prepare(self) -> None:
        self.fields["waiting_for"].choices = list(wording.WAITING.items())


class ResumeForm(EmptyForm):
    """We wait no longer."""

    button = _("Resume the clock")


#: the newest so many open complaints are offered as the main one
MOST_OFFERED = 200


class MergeForm(StepForm):
    """The main ticket that this one goes into."""

    into = ScopedChoiceField(Complaint, label=_("Main complaint"), empty_label="—")
    note = forms.CharField(label=_("Note"), required=False, max_length=1000)
    button = _("Merge")

    def prepare(self) -> None:
        rows = Complaint.objects.visible_to(self.reader).filter(store_id=self.complaint.store_id).open()
        rows = rows.exclude(pk=self.complaint.pk)
        if self.complaint.customer_id:
            rows = rows.filter(customer_id=self.complaint.customer_id)
        rows = rows.filter(pk__in=rows.order_by("-received_at").values("pk")[:MOST_OFFERED])
        self.fields["into"].queryset = rows.order_by("-received_at")


class CloseUnreachableForm(ReasonForm):
    """Why it is closed without the customer's word."""

    button = _("Close as unreachable")


class ReopenForm(ReasonForm):
    """Why it is opened again."""

    button = _("Reopen")


class ChaseForm(NoteForm):
    """What the customer asked."""

    button = _("Log it")


FORMS: dict[str, Callable[..., StepForm]] = {
    "accept": AcceptForm,
    "contact": ContactForm,
    "investigate": InvestigateForm,
    "propose": ProposeForm,
    "approve": ApproveForm,
    "tell": TellForm,
    "act": ActForm,
    "review": ReviewForm,
    "submit": SubmitForm,
    "close": CloseForm,
    "rang_back": RangBackForm,
    "close_unreachable": CloseUnreachableForm,
    "answer": AnswerForm,
    "reopen": ReopenForm,
    "reassign": ReassignForm,
    "change_level": LevelForm,
    "judge_words": WordsForm,
    "judge_level": ProposedLevelForm,
    "pause": PauseForm,
    "resume": ResumeForm,
    "judge_validity": ValidityForm,
    "set_liability": LiabilityForm,
    "confirm_liability": ConfirmLiabilityForm,
    "chase": ChaseForm,
    "count_repairs": RepairsForm,
    "merge": MergeForm,
}


def _offer_levels(form: StepForm, name: str) -> None:
    form.fields[name].choices = people.level_choices(form.complaint.store_id)
    form.initial[name] = form.complaint.level.code if form.complaint.level else ""
