"""The form of the call page: reads what the caller wrote down and says, field by field, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from complaints.models import Category, Complaint, ConfirmResult
from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import NameField, PhoneField, SubmissionMixin
from customers.forms.profile import answer_field
from customers.questions import Question as Gap
from revisits.forms.beside import BesideForm
from revisits.models import CallResult, Channel, Revisit
from revisits.rules.outcomes import AGREED
from revisits.said import Call, TicketWanted
from satisfaction.actions import checks
from satisfaction.models import Decision, Question, QuestionKind, QuestionnaireVersion
from satisfaction.queries import scale_for
from satisfaction.rules import GIVEN, NOT_APPLICABLE, Given, Scale

NOT_ASKED = ""
NA = "na"
NOBODY = "nobody"
#: the times that may be promised, a quarter of an hour apart
QUARTER = timedelta(minutes=15)
#: where a refusal stands whose field has another name on this page
PLACES = {
    "agreed_at": "agreed_time",
    "name": "contact_name",
    "number": "contact_phone",
    "wanted_on": "booking_on",
    "vehicle": "booking_on",
    "km": "mileage_km",
}
#: what a call decides about low answers; only answers given without us may await a decision
DECISIONS = [one for one in Decision.choices if one[0] not in (Decision.NONE, Decision.PENDING)]
#: a page that was opened longer ago than this tells nothing about when the call began
LONGEST_CALL = timedelta(hours=4)


@dataclass
class Desk:
    """What the form offers: everything that depends on the call at hand."""

    results: Sequence[CallResult]
    version: QuestionnaireVersion | None = None
    #: read only when something is chosen from them
    categories: QuerySet[Category] = field(default_factory=Category.objects.none)
    people: Sequence[Employee] = ()
    #: facts asked in passing (滴灌式)
    gaps: Sequence[Gap] = ()
    confirms: bool = False
    #: tickets that the customer may ask about, and the tasks that this call is made for as well
    tickets: Sequence[Complaint] = ()
    joined: Sequence[Revisit] = ()
    #: when the call was claimed: it cannot have begun before
    since: datetime | None = None

    questions: list[Question] = field(init=False)
    #: kind of question -> how it is answered in the version that is asked; None for free text
    scales: dict[str, Scale | None] = field(init=False)

    def __post_init__(self) -> None:
        version = self.version
        self.questions = list(version.questions.all()) if version else []
        self.scales = {one.kind: scale_for(version, one.kind) for one in self.questions} if version else {}


def agreed_times() -> Iterator[time]:
    """Every quarter of an hour that may be promised, from 8:00 to 21:00."""
    moment = datetime.combine(datetime.min, AGREED.begins)
    while moment.time() <= AGREED.ends:
        yield moment.time()
        moment += QUARTER


class CallForm(BesideForm, SubmissionMixin):
    """One call as it was written down; `desk` says what can be chosen."""

    started_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)
    result = forms.ChoiceField(error_messages={"required": _("Choose how the call ended.")})
    channel = forms.ChoiceField(label=_("How you spoke"), choices=Channel.choices, initial=Channel.PHONE)
    #: whether it belongs to the call is checked when it is saved
    phone = forms.IntegerField(label=_("Number dialled"), required=False)
    agreed_on = forms.DateField(label=_("Agreed day"), required=False)
    agreed_time = forms.TimeField(label=_("Agreed time"), required=False)
    note = forms.CharField(label=_("Note"), max_length=1000, required=False)
    decision = forms.ChoiceField(choices=[("", ""), *DECISIONS], required=False)
    decision_reason = forms.CharField(max_length=500, required=False)
    category = forms.ModelChoiceField(Category.objects.none(), required=False)
    accused = forms.ChoiceField(required=False)
    demand = forms.CharField(label=_("What the customer wants"), max_length=500, required=False)
    confirm_result = forms.ChoiceField(
        choices=[("", ""), *(one for one in ConfirmResult.choices if one[0] != ConfirmResult.UNREACHABLE)],
        required=False,
    )
    refuses_calls = forms.BooleanField(required=False)
    contact_name = NameField(label=_("Name of the right person"), max_length=80, required=False)
    contact_phone = PhoneField(label=_("Their number"), required=False)

    def __init__(self, *args: Any, desk: Desk, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.desk, self.now = desk, now
        self.fields["result"].choices = [(row.code, row.label) for row in desk.results]  # type: ignore[attr-defined]
        self.fields["category"].queryset = desk.categories  # type: ignore[attr-defined]
        self.fields["accused"].choices = self._accused  # type: ignore[attr-defined]
        for question in desk.questions:
            self._add_question(question)
        for gap in desk.gaps:
            self.fields[f"gap_{gap.code}"] = answer_field(gap)
            self.fields[f"gap_{gap.code}_untold"] = forms.BooleanField(label=_("Would not say"), required=False)
        self.offer(desk.tickets, desk.joined)

    def _accused(self) -> list[tuple[str, str]]:
        """Whom a complaint may be about; asked only when somebody was named."""
        return [("", ""), (NOBODY, NOBODY), *((str(person.pk), person.name) for person in self.desk.people)]

    def _add_question(self, question: Question) -> None:
        scale = self.desk.scales[question.kind]
        if scale is None:
            answer: forms.Field = forms.CharField(max_length=checks.LONGEST_TEXT, required=False)
        else:
            marks = [(str(mark), str(mark)) for mark in scale.raws]
            answer = forms.ChoiceField(choices=[(NOT_ASKED, ""), (NA, ""), *marks], required=False)
            self.fields[f"reason_{question.code}"] = forms.CharField(max_length=checks.LONGEST_TEXT, required=False)
        self.fields[f"answer_{question.code}"] = answer

    # ---- what is wrong -----------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        """Say everything that is missing at once; what only the action can know comes from there."""
        cleaned = super().clean() or {}
        result = self.chosen_result()
        if result is not None and result.saves_answers and self.desk.version is not None:
            self._check_answers(self.desk.version)
        return cleaned

    def chosen_result(self) -> CallResult | None:
        """The row of the result that was chosen, None for none."""
        code = self.cleaned_data.get("result")
        return next((row for row in self.desk.results if row.code == code), None)

    def _check_answers(self, version: QuestionnaireVersion) -> None:
        for given in self.answers():
            try:
                checks.check_answers(version, [given])
            except RuleBroken as refused:
                self.refuse(refused)
        if self.desk.confirms:
            return
        said = self.cleaned_data.get("decision") or "", self.cleaned_data.get("decision_reason") or ""
        try:
            checks.check_decision(*said, len(self.low_codes()))
        except RuleBroken as refused:
            self.refuse(refused)

    def refuse(self, refused: RuleBroken) -> None:
        """Put a refusal where it belongs: at its field, or over the form."""
        name = PLACES.get(refused.field, refused.field)
        self.add_error(name if name in self.fields else None, refused.message)

    # ---- what was said -----------------------------------------------------------------------------------------------

    def answers(self) -> list[Given]:
        """The questions that were asked, with what was said."""
        return [given for question in self.desk.questions if (given := self._given(question))]

    def low_codes(self) -> list[str]:
        """The questions with a low answer."""
        questions = {question.code: question for question in self.desk.questions}
        given = [(one.question_code, one.value) for one in self.answers() if one.value is not None]
        return [code for code, value in given if self._is_low(questions[code], int(value))]

    def _given(self, question: Question) -> Given | None:
        said = self.cleaned_data.get(f"answer_{question.code}") or NOT_ASKED
        if said == NOT_ASKED:
            return None
        if said == NA and question.kind != QuestionKind.TEXT:
            return Given(question.code, NOT_APPLICABLE)
        if question.kind == QuestionKind.TEXT:
            return Given(question.code, GIVEN, text=said)
        reason = self.cleaned_data.get(f"reason_{question.code}") or ""
        return Given(question.code, GIVEN, int(said), reason=reason if self._is_low(question, int(said)) else "")

    def _is_low(self, question: Question, value: int) -> bool:
        scale = self.desk.scales[question.kind]
        return scale is not None and value <= scale.low_max

    def call(self) -> Call:
        """Everything for actions.save_call; only after is_valid()."""
        said = self.cleaned_data
        return Call(
            submission=said["submission"],
            result_code=said["result"],
            started_at=self._started_at(),
            channel=said["channel"],
            phone_id=said["phone"],
            note=said["note"],
            answers=self.answers(),
            decision=said["decision"],
            decision_reason=said["decision_reason"],
            agreed_at=self._agreed_at(),
            ticket=self._ticket(),
            confirm_result=said["confirm_result"],
            corrections={gap.code: said[f"gap_{gap.code}"] for gap in self.desk.gaps},
            untold=[gap.code for gap in self.desk.gaps if said[f"gap_{gap.code}_untold"]],
            refuses_calls=said["refuses_calls"],
            contact_name=said["contact_name"],
            contact_phone=said["contact_phone"],
            booking=self.booking(),
            mileage_km=said["mileage_km"],
            chases=self.chases(),
            purposes=self.purposes(),
            script=self.script_read(),
        )

    def _started_at(self) -> datetime:
        """When the number was dialled, as the page tells it; never before the claim, never in the future.

        A page of a call still held that was opened too long ago tells nothing: the call is one of now.
        """
        since, oldest = self.desk.since, self.now - LONGEST_CALL
        earliest = since or oldest
        started = min(max(self.cleaned_data.get("started_at") or earliest, earliest), self.now)
        return self.now if since and started < oldest else started

    def _agreed_at(self) -> datetime | None:
        day, at = self.cleaned_data.get("agreed_on"), self.cleaned_data.get("agreed_time")
        return clock.at(day, at.hour, at.minute) if day and at else None

    def _ticket(self) -> TicketWanted:
        named = self.cleaned_data["accused"]
        accused = next((person for person in self.desk.people if str(person.pk) == named), None) if named else None
        return TicketWanted(
            category=self.cleaned_data["category"],
            accused=accused,
            names_nobody=named == NOBODY,
            demand=self.cleaned_data["demand"],
        )

    def typed(self, name: str) -> str:
        """What stands in a field now: as typed, else its initial value."""
        value = self[name].value()
        return "" if value is None else str(value)

    def errors_in_order(self) -> Iterable[tuple[str, str]]:
        """(field, message) of everything that is wrong, in the order of the page."""
        for name, messages in self.errors.items():
            for message in messages:
                yield name, str(message)
