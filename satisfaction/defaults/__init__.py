"""Installs the questionnaires of the trade as published version 1."""

from django.utils import timezone

from satisfaction.defaults.trees import TREES, FactorRow, Tree
from satisfaction.models import Factor, Question, QuestionKind, Questionnaire, QuestionnaireVersion


def install() -> int:
    """Add each default questionnaire that is not there yet; gives how many. What an admin has changed stays."""
    return sum(_install(tree) for tree in TREES)


def _install(tree: Tree) -> int:
    """One questionnaire with its first version, published once its tree is there (from then on it is frozen)."""
    questionnaire, is_new = Questionnaire.objects.get_or_create(
        store=None,
        code=tree.code,
        defaults={
            "kind": tree.kind,
            "label_zh": tree.label_zh,
            "label_en": tree.label_en,
            "short_of": Questionnaire.objects.filter(store=None, code=tree.short_of).first(),
        },
    )
    if not is_new:
        return 0
    now = timezone.now()
    version = QuestionnaireVersion.objects.create(questionnaire=questionnaire, number=1, created_at=now)
    questions = [
        question
        for position, row in enumerate(tree.factors, start=1)
        for question in _weighted(version, _factor(version, row, position), row, tree.required)
    ]
    questions += [
        Question(
            version=version, code=code, kind=kind, attribution=by, label_zh=zh, label_en=en,
            is_required=code in tree.required,
        )
        for code, kind, by, zh, en in tree.extras
    ]  # fmt: skip
    for position, question in enumerate(questions, start=1):
        question.position = position
    Question.objects.bulk_create(questions)
    version.state, version.published_at = QuestionnaireVersion.State.PUBLISHED, now
    version.save(update_fields=["state", "published_at"])
    return 1


def _factor(version: QuestionnaireVersion, row: FactorRow, position: int) -> Factor:
    return Factor.objects.create(
        version=version,
        code=row.code,
        weight=row.weight,
        position=position,
        label_zh=row.label_zh,
        label_en=row.label_en,
    )


def _weighted(
    version: QuestionnaireVersion, factor: Factor, row: FactorRow, required: tuple[str, ...]
) -> list[Question]:
    """The items of one factor, unsaved."""
    return [
        Question(
            version=version,
            factor=factor,
            code=code,
            kind=QuestionKind.SCORE,
            weight=weight,
            attribution=by,
            label_zh=zh,
            label_en=en,
            is_required=code in required,
        )
        for code, weight, by, zh, en in row.items
    ]
