"""What was published is frozen by the database itself: no code, and no hand at the database's prompt, edits it."""

import pytest
from django.db import IntegrityError, transaction

from satisfaction.models import Factor, Question, Questionnaire, QuestionnaireVersion
from satisfaction.queries import current_version
from tests.factories import NOON

State = QuestionnaireVersion.State


@pytest.fixture
def published(store_a):
    return current_version("CSI", store_a.pk)


@pytest.fixture
def draft(published):
    """A draft of two rows beside it."""
    version = QuestionnaireVersion.objects.create(questionnaire=published.questionnaire, number=2)
    factor = version.factors.create(code="f", weight=100, position=1, label_zh="因子", label_en="Factor")
    version.questions.create(factor=factor, code="q", weight=100, position=1, label_zh="题", label_en="Item")
    return version


def refused(change) -> bool:
    """Whether the database refuses a change."""
    try:
        with transaction.atomic():
            change()
    except IntegrityError:
        return True
    return False


def changes_of(version) -> dict:
    """Every way to touch the tree of a version past the models."""
    factors, questions = Factor.objects.filter(version=version), Question.objects.filter(version=version)
    row = {"code": "new", "weight": 1, "position": 99, "label_zh": "新", "label_en": "New"}
    return {
        "weight of a factor": lambda: factors.filter(position=1).update(weight=1),
        "weight of an item": lambda: questions.filter(position=1).update(weight=1),
        "wording": lambda: questions.filter(position=1).update(label_zh="别的"),
        "attribution": lambda: questions.filter(position=1).update(attribution="department"),
        "add a factor": lambda: Factor.objects.create(version=version, **row),
        "add an item": lambda: Question.objects.create(version=version, factor=factors.first(), **row),
        "remove an item": lambda: questions.filter(position=1)._raw_delete("default"),
        "remove the factors": lambda: (questions._raw_delete("default"), factors._raw_delete("default")),
    }


def version_changes(version) -> dict:
    """Every way to touch the version itself."""
    rows = QuestionnaireVersion.objects.filter(pk=version.pk)
    return {
        "scale": lambda: rows.update(scale="five"),
        "words": lambda: rows.update(words=[{"value": 1}]),
        "number": lambda: rows.update(number=77),
        "note": lambda: rows.update(note="x"),
        "back to a draft": lambda: rows.update(state=State.DRAFT),
        "edits": lambda: rows.update(edits=9),
    }


@pytest.mark.parametrize("retired", [False, True], ids=["published", "retired"])
def test_the_tree_of_what_was_published_is_never_touched(published, retired):
    if retired:
        QuestionnaireVersion.objects.filter(pk=published.pk).update(state=State.RETIRED, retired_at=NOON)
    every = changes_of(published) | version_changes(published)
    assert [name for name, change in every.items() if not refused(change)] == []
    remove = QuestionnaireVersion.objects.filter(pk=published.pk)
    assert refused(lambda: remove._raw_delete("default"))


def test_a_draft_is_free(draft):
    for name, change in (changes_of(draft) | version_changes(draft)).items():
        assert not refused(change), name
    QuestionnaireVersion.objects.get(pk=draft.pk).delete()
    assert not Factor.objects.filter(version=draft.pk).exists()


def test_nothing_is_moved_into_or_out_of_a_published_tree(published, draft):
    inside, outside = Question.objects.filter(version=published), Question.objects.filter(version=draft)
    assert refused(lambda: outside.update(version=published))
    assert refused(lambda: inside.update(version=draft))


def test_a_published_version_can_be_retired_and_never_comes_back(published):
    rows = QuestionnaireVersion.objects.filter(pk=published.pk)
    assert refused(lambda: rows.update(state=State.RETIRED, retired_at=NOON, note="x"))
    assert rows.update(state=State.RETIRED, retired_at=NOON) == 1
    assert refused(lambda: rows.update(state=State.PUBLISHED))
    assert refused(lambda: rows.update(retired_at=None))


def test_a_questionnaire_keeps_its_kind_and_code_once_published(published, store_a):
    rows = Questionnaire.objects.filter(pk=published.questionnaire_id)
    for change in ({"kind": "unscored"}, {"code": "OTHER"}, {"store": store_a}):
        assert refused(lambda change=change: rows.update(**change)), change
    assert rows.update(label_zh="服务满意度") == 1
    fresh = Questionnaire.objects.create(store=store_a, code="OWN", kind="service", label_zh="自", label_en="Own")
    assert not refused(lambda: Questionnaire.objects.filter(pk=fresh.pk).update(kind="sales"))
