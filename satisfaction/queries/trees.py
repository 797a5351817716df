"""Which questionnaire is asked now, and its tree as the rules see it: items, scales and words."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import F, Q
from django.utils.translation import gettext as _

from crm_site.core.errors import RuleBroken
from crm_site.core.models import label_of
from satisfaction import rules
from satisfaction.models import QuestionKind, QuestionnaireVersion


def current_version(code: str, store_id: int) -> QuestionnaireVersion:
    """The published version of a questionnaire for a store, with its factors and questions loaded.

    A store's own questionnaire replaces the company's. Raises RuleBroken where none is published.
    """
    version = (
        QuestionnaireVersion.objects.published()
        .filter(Q(questionnaire__store=None) | Q(questionnaire__store_id=store_id), questionnaire__code=code)
        .select_related("questionnaire")
        .prefetch_related("factors", "questions__factor")
        .order_by(F("questionnaire__store_id").asc(nulls_last=True))
        .first()
    )
    if version is None:
        raise RuleBroken(
            _("No questionnaire %(code)s is published. Ask an administrator to publish one.") % {"code": code},
            code="no_version",
        )
    return version


def items_of(version: QuestionnaireVersion) -> list[rules.Item]:
    """The questions of a version as the arithmetic needs them, in order, each with the scale of this version."""
    words = words_of(version)
    return [
        rules.Item(
            code=question.code,
            kind=question.kind,
            weight=question.weight,
            factor=question.factor.code if question.factor else None,
            factor_weight=question.factor.weight if question.factor else rules.ZERO,
            is_required=question.is_required,
            scale=rules.scale_of(question.kind, version.scale, words),
        )
        for question in version.questions.all()
    ]


def words_of(version: QuestionnaireVersion) -> tuple[rules.Word, ...]:
    """The words of a version, best first: its own table, else that of the trade."""
    own = (
        rules.Word(int(row["value"]), Decimal(str(row["points"])), row["label_zh"], row["label_en"])
        for row in version.words
    )
    return tuple(own) or rules.TRADE_WORDS


def scale_for(version: QuestionnaireVersion, kind: str) -> rules.Scale | None:
    """How a kind of question is answered in this version; None for free text. Everything that asks or shows uses it."""
    return rules.scale_of(kind, version.scale, words_of(version))


def answer_words(version: QuestionnaireVersion, kind: str) -> list[tuple[int, str]]:
    """The answers of a question that is not answered by a number, best first, in the active language; [] for others."""
    if kind == QuestionKind.WORDS:
        return [(word.value, label_of(word)) for word in words_of(version)]
    return [(1, _("Yes")), (0, _("No"))] if kind in (QuestionKind.YES_NO, QuestionKind.EXECUTION) else []
