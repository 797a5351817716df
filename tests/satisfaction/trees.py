"""Trees for the tests of the designer: a store's own questionnaire with a scale and words of its own, published."""

from satisfaction.models import Question, Questionnaire, QuestionnaireVersion
from satisfaction.queries import current_version
from tests.factories import NOON


def own_tree(store, code: str = "CSI_SHORT", *, publish: bool = True, **values) -> QuestionnaireVersion:
    """A copy of the company's tree as the store's own, with other values of the version (scale, words)."""
    model = current_version(code, store.pk)
    own, _is_new = Questionnaire.objects.get_or_create(
        store=store, code=code, defaults={"kind": model.questionnaire.kind, "label_zh": "自", "label_en": "Own"}
    )
    number = own.versions.count() + 1
    version = QuestionnaireVersion.objects.create(questionnaire=own, number=number, **values)
    factors = {}
    for one in model.factors.all():
        factors[one.pk] = version.factors.create(
            code=one.code, weight=one.weight, position=one.position, label_zh=one.label_zh, label_en=one.label_en
        )
    Question.objects.bulk_create(
        Question(
            version=version, factor=factors.get(one.factor_id), code=one.code, kind=one.kind, weight=one.weight,
            position=one.position, attribution=one.attribution, is_required=one.is_required,
            label_zh=one.label_zh, label_en=one.label_en,
        )
        for one in model.questions.all()
    )  # fmt: skip
    if publish:
        QuestionnaireVersion.objects.filter(pk=version.pk).update(state="published", published_at=NOON)
    return QuestionnaireVersion.objects.get(pk=version.pk)
