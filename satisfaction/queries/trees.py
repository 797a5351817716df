"""Which questionnaire is asked now, and its tree as the rules see it."""

from __future__ import annotations

from django.db.models import F, Q
from django.utils.translation import gettext as _

from crm_site.core.errors import RuleBroken
from satisfaction import rules
from satisfaction.models import QuestionnaireVersion


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
    """The questions of a version as the arithmetic needs them, in order."""
    return [
        rules.Item(
            code=question.code,
            kind=question.kind,
            weight=question.weight,
            factor=question.factor.code if question.factor else None,
            factor_weight=question.factor.weight if question.factor else rules.ZERO,
            is_required=question.is_required,
        )
        for question in version.questions.all()
    ]
