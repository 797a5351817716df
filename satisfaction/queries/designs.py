"""Versions as plain designs, and what a store would be left with: what the designer of questionnaires reads."""

from __future__ import annotations

from django.db.models import Count, Model, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from crm_site.accounts.models import Store
from satisfaction import rules
from satisfaction.models import Factor, Question, QuestionnaireVersion, Response
from satisfaction.queries.trees import words_of
from satisfaction.rules import designs


def loaded(versions: QuerySet[QuestionnaireVersion]) -> QuerySet[QuestionnaireVersion]:
    """Versions with everything that `design_of` and their pages read, in a constant number of queries."""
    return versions.select_related(
        "questionnaire__store", "questionnaire__short_of", "created_by", "published_by", "based_on"
    ).prefetch_related(
        Prefetch("factors", Factor.objects.order_by("position", "pk")),
        Prefetch("questions", Question.objects.select_related("factor").order_by("position", "pk")),
    )


def design_of(version: QuestionnaireVersion) -> designs.Design:
    """The tree of a version as a plain value; a version without a table of its own has no words."""
    return designs.Design(
        factors=tuple(
            designs.FactorDesign(one.code, one.weight, one.label_zh, one.label_en) for one in version.factors.all()
        ),
        items=tuple(
            designs.ItemDesign(
                one.code, one.kind, one.weight, one.factor.code if one.factor else "", one.attribution,
                one.is_required, one.label_zh, one.label_en,
            )
            for one in version.questions.all()
        ),
        scale=version.scale,
        words=words_of(version) if version.words else (),
    )  # fmt: skip


def asked_now(version: QuestionnaireVersion) -> QuestionnaireVersion | None:
    """The version that publishing this one would replace, with its tree; None where none is asked."""
    siblings = QuestionnaireVersion.objects.published().filter(questionnaire=version.questionnaire_id)
    return loaded(siblings.exclude(pk=version.pk)).first()


def company_twin(version: QuestionnaireVersion) -> QuestionnaireVersion | None:
    """What a store's own questionnaire replaces: the company's published version of the same code."""
    if version.questionnaire.store_id is None:
        return None
    twins = QuestionnaireVersion.objects.published().filter(questionnaire__store=None)
    return loaded(twins.filter(questionnaire__code=version.questionnaire.code)).first()


def with_counts(versions: QuerySet[QuestionnaireVersion]) -> QuerySet[QuestionnaireVersion]:
    """Versions with the number of their questions and responses, each counted by itself."""
    return versions.annotate(question_count=_count(Question), answered=_count(Response))


def _count(model: type[Model]) -> Coalesce:
    """How many rows of a model a version has."""
    rows = model._default_manager.filter(version=OuterRef("pk")).order_by().values("version")
    return Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count")), 0)


def stores_left_without(version: QuestionnaireVersion) -> list[int]:
    """The stores in which nothing would be asked under this code if the version were retired."""
    others = QuestionnaireVersion.objects.published().exclude(pk=version.pk)
    others = others.filter(questionnaire__code=version.questionnaire.code)
    asked_in = set(others.values_list("questionnaire__store_id", flat=True))
    if None in asked_in:
        return []
    own = version.questionnaire.store_id
    stores = Store.objects.filter(pk=own) if own else Store.objects.exclude(pk__in=asked_in)
    return list(stores.filter(is_active=True).values_list("pk", flat=True))


def words_as_stored(words: tuple[rules.Word, ...]) -> list[dict[str, object]]:
    """A table of words as the version's column keeps it; [] for the trade's own."""
    if not words or tuple(words) == rules.TRADE_WORDS:
        return []
    return [
        {
            "value": one.value,
            "points": f"{one.points.normalize():f}",
            "label_zh": one.label_zh,
            "label_en": one.label_en,
        }
        for one in words
    ]
