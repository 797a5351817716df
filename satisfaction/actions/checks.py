"""What is refused when a response is recorded, in words that a user may read."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from crm_site.core.errors import RuleBroken
from satisfaction import rules
from satisfaction.models import Decision, Question, QuestionnaireVersion
from satisfaction.queries import items_of

LONGEST_TEXT = 500
#: channels on which a customer answers with nobody of ours on the line: somebody decides later
ON_THEIR_OWN = frozenset({"tablet"})


def check_version(version: QuestionnaireVersion) -> None:
    """Refuse a draft: only what was published may have been asked (a retired version may still come in late)."""
    if version.state == QuestionnaireVersion.State.DRAFT:
        raise RuleBroken(_("This questionnaire is still a draft. Publish it before asking it."), code="draft")


def check_answers(version: QuestionnaireVersion, answers: Sequence[rules.Given]) -> None:
    """Refuse an unknown or doubled question, a value off its scale, a low answer without a reason, too long a text."""
    questions = {question.code: question for question in version.questions.all()}
    items = {item.code: item for item in items_of(version)}
    seen: set[str] = set()
    for given in answers:
        if given.question_code not in questions:
            raise _refusal("unknown", given, _("This question is not part of the questionnaire. Open the call again."))
        if given.question_code in seen:
            raise _refusal("twice", given, _("This question was answered twice. Keep one answer."))
        seen.add(given.question_code)
        _check_one(questions[given.question_code], items[given.question_code], given)


def _check_one(question: Question, item: rules.Item, given: rules.Given) -> None:
    if max(len(given.text), len(given.reason)) > LONGEST_TEXT:
        raise _refusal("too_long", given, _("Write at most %(count)d characters here.") % {"count": LONGEST_TEXT})
    problem = rules.problem_of(item, given)
    if problem == "reason":
        raise RuleBroken(
            _("Write why “%(question)s” is low, in the customer's own words.") % {"question": question.label},
            code="reason",
            field=f"reason_{given.question_code}",
        )
    if problem:
        raise _refusal(problem, given, _("Choose one of the answers of “%(question)s”.") % {"question": question.label})


def check_decision(decision: str, reason: str, low_count: int, channel: str = "") -> None:
    """Refuse low answers without a decision, an unknown decision, and "does not pursue it" without a reason.

    A decision may only be put off where the customer answered alone.
    """
    if not low_count:
        return
    put_off = decision == Decision.PENDING and channel not in ON_THEIR_OWN
    if decision not in Decision.values or decision == Decision.NONE or put_off:
        raise RuleBroken(
            _("Decide what happens with the low answers: settled, grievance, complaint, or not pursued."),
            code="decision",
            field="decision",
        )
    if decision == Decision.WAIVED and not reason.strip():
        raise RuleBroken(
            _("Write why the customer does not pursue it."), code="decision_reason", field="decision_reason"
        )


def _refusal(code: str, given: rules.Given, message: str) -> RuleBroken:
    return RuleBroken(message, code=code, field=f"answer_{given.question_code}")
