"""The questionnaire as a customer ticks it: its questions in steps, and what a draft says of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm_site.core.forms import SubmissionMixin
from satisfaction import rules
from satisfaction.models import Attribution, Question, QuestionKind, QuestionnaireVersion
from satisfaction.queries import answer_words, scale_for
from satisfaction.rules import sittings

#: does not apply · would rather not say
NA, SILENT = "na", "none"
LONGEST = 500

WORDS: dict[str, Any] = {
    "waited": pgettext_lazy("said by a customer", "I waited too long"),
    "late": pgettext_lazy("said by a customer", "Not at the promised time"),
    "manner": pgettext_lazy("said by a customer", "The manner was not good"),
    "unclear": pgettext_lazy("said by a customer", "It was not explained clearly"),
    "promise": pgettext_lazy("said by a customer", "A promise was not kept"),
    "not_told": pgettext_lazy("said by a customer", "I was not told beforehand"),
    "not_fixed": pgettext_lazy("said by a customer", "The problem is not solved"),
    "again": pgettext_lazy("said by a customer", "The same fault came back"),
    "damage": pgettext_lazy("said by a customer", "Something was left dirty or damaged"),
    "dirty": pgettext_lazy("said by a customer", "It was not clean"),
    "uncomfortable": pgettext_lazy("said by a customer", "It was uncomfortable"),
    "dear": pgettext_lazy("said by a customer", "Too expensive"),
    "bill": pgettext_lazy("said by a customer", "The bill was not clear"),
    "booking": pgettext_lazy("said by a customer", "Booking was difficult"),
    "nobody": pgettext_lazy("said by a customer", "Nobody took care of it"),
    "expected": pgettext_lazy("said by a customer", "I had expected more"),
}
#: factor -> what customers say of it most often
OF_FACTOR = {
    "environment": ("dirty", "uncomfortable", "expected"),
    "price": ("dear", "bill", "promise"),
    "charges": ("dear", "bill", "unclear"),
    "timeliness": ("waited", "late", "not_told"),
    "follow_up": ("nobody", "promise", "expected"),
}
#: whose work is judged -> what customers say of it most often
OF_PART = {
    Attribution.SALES_CONSULTANT: ("manner", "unclear", "promise", "expected"),
    Attribution.DELIVERY_SPECIALIST: ("late", "dirty", "unclear", "waited"),
    Attribution.SERVICE_ADVISOR: ("waited", "manner", "unclear", "not_told"),
    Attribution.TECHNICIANS: ("not_fixed", "again", "damage", "manner"),
    Attribution.DEPARTMENT: ("waited", "late", "booking"),
}
ANY = ("waited", "manner", "unclear", "not_fixed", "dear", "expected")


class HandOverForm(SubmissionMixin):
    """Which questionnaire is handed over."""

    form = forms.ModelChoiceField(
        QuestionnaireVersion.objects.none(),
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose a questionnaire.")),
    )

    def __init__(self, *args: Any, versions: Sequence[QuestionnaireVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.versions = list(versions)
        field: Any = self.fields["form"]
        field.queryset = QuestionnaireVersion.objects.filter(pk__in=[one.pk for one in versions])

    def chosen(self) -> QuestionnaireVersion:
        """The version with its questions loaded; only after is_valid()."""
        return next(one for one in self.versions if one.pk == self.cleaned_data["form"].pk)


@dataclass(frozen=True)
class Step:
    """One screen: its title and questions."""

    title: str
    questions: tuple[Question, ...]


class Sheet:
    """A questionnaire in steps with what is ticked so far.

    A draft says {question code: {"answer": a mark, "na", "none" or a text, "why": [codes of WORDS], "words": text}}.
    """

    def __init__(self, version: QuestionnaireVersion, draft: Mapping[str, Any]) -> None:
        self.version, self.draft = version, draft
        self.questions = list(version.questions.all())
        self.steps = list(_steps(self.questions))

    @property
    def done(self) -> int:
        """How many questions have an answer, "not applicable" and "rather not" among them."""
        return sum(bool(self.said(question, "answer")) for question in self.questions)

    def lacks(self, step: Step) -> bool:
        """Whether a question of a step has no answer at all."""
        return not all(self.said(question, "answer") for question in step.questions)

    def said(self, question: Question, part: str) -> Any:
        """What the draft says of a question."""
        return self.draft.get(question.code, {}).get(part, [] if part == "why" else "")

    def read(self, step: Step, data: MultiValueDict | Any) -> dict[str, Any]:
        """What was posted for one step, as it goes into the draft; what is on no scale is left out."""
        return {question.code: self._read(question, data) for question in step.questions}

    def _read(self, question: Question, data: Any) -> dict[str, Any]:
        answer = _text(data.get(f"answer_{question.code}"))
        offered = {NA, SILENT, *(str(value) for value, _word, _low in marks(self.version, question))}
        if question.kind != QuestionKind.TEXT and answer not in offered:
            answer = ""
        tapped = dict.fromkeys(data.getlist(f"why_{question.code}"))  # each once, in the order of the taps
        why = [code for code in tapped if code in phrases(question)]
        return {"answer": answer, "why": why, "words": _text(data.get(f"words_{question.code}"))}

    def problems(self, step: Step) -> dict[str, str]:
        """{question code: what is missing}: a low answer without the customer's words."""
        text = _("Tell us in a word what happened: tap a phrase or write a few words.")
        return {one.code: text for one in step.questions if self._is_low(one) and not self._words(one)}

    def givens(self) -> list[rules.Given]:
        """Every question that was answered in some way; needs the customer's language active for the phrases."""
        return [given for question in self.questions if (given := self._given(question))]

    def _given(self, question: Question) -> rules.Given | None:
        answer = self.said(question, "answer")
        if not answer:
            return None
        if question.kind == QuestionKind.TEXT:
            return rules.Given(question.code, rules.GIVEN, text=answer)
        if answer in (NA, SILENT):
            return rules.Given(question.code, rules.NOT_APPLICABLE if answer == NA else rules.NOT_ANSWERED)
        reason = self._words(question) if self._is_low(question) else ""
        return rules.Given(question.code, rules.GIVEN, int(answer), reason=reason[:LONGEST])

    def _is_low(self, question: Question) -> bool:
        answer = self.said(question, "answer")
        return any(str(value) == answer and is_low for value, _word, is_low in marks(self.version, question))

    def _words(self, question: Question) -> str:
        tapped = [str(WORDS[code]) for code in self.said(question, "why") if code in WORDS]
        return sittings.words_of(tapped, self.said(question, "words"))


def marks(version: QuestionnaireVersion, question: Question) -> list[tuple[int, str, bool]]:
    """The answers of a question in its version: (raw value, its word, whether it is low); [] for free text."""
    scale = scale_for(version, question.kind)
    if scale is None:
        return []
    words = dict(answer_words(version, question.kind))
    return [(raw, str(words.get(raw, raw)), raw <= scale.low_max) for raw in words or scale.raws]


def phrases(question: Question) -> tuple[str, ...]:
    """The phrases offered under a low answer: by factor, else by whose work it judges."""
    factor = question.factor.code if question.factor else ""
    return OF_FACTOR.get(factor) or OF_PART.get(Attribution(question.attribution), ANY)


def _steps(questions: Sequence[Question]) -> Iterator[Step]:
    """The questions by factor, small factors together; what has no factor comes last."""
    groups: dict[Any, list[Question]] = {}
    for question in sorted(questions, key=lambda one: (one.factor_id is None, one.position)):
        groups.setdefault(question.factor_id, []).append(question)
    for keys in sittings.steps((key, len(rows)) for key, rows in groups.items()):
        asked = tuple(question for key in keys for question in groups[key])
        titles = [one.factor.label for one in asked if one.factor]
        yield Step(" · ".join(dict.fromkeys(titles)) or _("Overall"), asked)


def _text(value: str | None) -> str:
    """A typed text as the database can hold it."""
    return (value or "").replace("\0", "").strip()[:LONGEST]
