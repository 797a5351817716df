"""What if: the same answers under another version, exactly as stored under their own, and nothing changes anywhere."""

from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.urls import reverse

from crm_site.accounts.models import Role
from crm_site.core.dates import month_of
from crm_site.core.figures import Scope
from crm_site.jobs.models import Job
from satisfaction import actions, queries, rules, trial
from satisfaction.models import Question, Questionnaire, QuestionnaireVersion
from satisfaction.queries import current_version, items_of
from satisfaction.queries import whatif as reading
from satisfaction.rules import whatif
from tests.factories import DAY, NOON, EmployeeFactory, MembershipFactory
from tests.fingerprint import unchanged
from tests.satisfaction.surveys import SHORT, order_of, respond, short_answers

MONTH = month_of(DAY)
PAGE = reverse("satisfaction:whatif")


def item(code, weight=20, **more):
    values = {"kind": "score", "factor": code, "factor_weight": Decimal(weight), "scale": rules.SCALES["score"]} | more
    return rules.Item(code, weight=Decimal(weight), **values)


def answered(code, value, *, judges="none", people=(), **more):
    given = rules.Given(code, rules.GIVEN, value) if value is not None else rules.Given(code, rules.NOT_APPLICABLE)
    return whatif.Answered(item(code, **more), given, judges, people)


def stored(*answers):
    """A response as it would have been stored under items of the answers' own weights."""
    found = rules.evaluate([one.item for one in answers], [one.given for one in answers])
    return whatif.Stored(
        is_valid=found.is_valid,
        score=found.score,
        factors={code: one.score for code, one in found.factors.items()},
        people={},
        answers=answers,
    )


def tree(*items, judges=None):
    return whatif.Tree(items, judges or {one.code: "none" for one in items})


# ---- rules -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "score"),
    [((50, 50), 75), ((80, 20), 60 + Decimal("0")), ((20, 80), 90)],
)
def test_the_other_weights_score_the_same_answers(weights, score):
    one = stored(answered("a", 5, weight=50), answered("b", 10, weight=50))
    found = whatif.anew(one, tree(item("a", weights[0]), item("b", weights[1])))
    assert found.score == score


def test_an_answer_is_read_only_in_the_same_kind_and_on_the_same_scale():
    one = stored(answered("a", 5), answered("b", 9), answered("c", 9), answered("d", 9))
    five = rules.scale_of("score", "five")
    found = whatif.anew(
        one, tree(item("a", 50), item("b", 30, scale=five), item("c", 20, kind="yes_no", scale=rules.SCALES["yes_no"]))
    )
    assert (found.read, found.unread) == (("a",), ("b", "c", "d"))
    assert found.score == 50


def test_nothing_read_is_no_score_and_not_valid_never_zero():
    found = whatif.anew(stored(answered("a", 9)), tree(item("b", 100)))
    assert (found.score, found.is_valid, found.factors, found.people) == (None, False, {}, {})


def test_not_applicable_stays_so_and_is_no_unread_answer():
    one = stored(answered("a", 8, weight=50), answered("b", None, weight=50))
    found = whatif.anew(one, tree(item("a", 60), item("b", 40)))
    assert (found.score, found.unread) == (80, ())


def test_another_attribution_judges_those_who_served_in_that_part():
    advisor, technician = 7, 8
    one = stored(
        answered("a", 9, judges="service_advisor", people=(advisor,), weight=50),
        answered("b", 5, judges="technicians", people=(technician,), weight=50),
    )
    found = whatif.anew(
        one, tree(item("a", 50), item("b", 50), judges={"a": "service_advisor", "b": "service_advisor"})
    )
    assert found.people == {advisor: 70}


def test_a_comparison_counts_what_becomes_valid_and_what_no_longer_is():
    required = {"is_required": True}
    full = stored(answered("a", 9, weight=50), answered("b", 9, weight=50))
    half = stored(answered("a", 9, weight=50), answered("b", None, weight=50))
    found = whatif.Comparison(tree(item("a", 50), item("b", 50, **required)))
    for one in (full, half):
        found.take(one)
    assert (found.responses, found.both, found.gained, found.lost) == (2, 1, 0, 1)
    back = whatif.Comparison(tree(item("a", 100)))
    back.take(whatif.Stored(False, None, {}, {}, full.answers))
    assert (back.gained, back.index.anew.n, back.index.stored.n) == (1, 1, 0)


def test_those_who_move_most_come_first_and_too_few_answers_move_nobody():
    pairs = {}
    for key, before, after, n in (("a", 90, 91, 10), ("b", 90, 79, 10), ("c", 90, 10, 9)):
        pair = pairs[key] = whatif.Pair()
        for _ in range(n):
            pair.stored.add(Decimal(before))
            pair.anew.add(Decimal(after))
    found = whatif.moves(pairs)
    assert [one.key for one in found] == ["b", "a", "c"]
    assert [one.by for one in found] == [-11, 1, None]
    assert [one.crosses for one in found] == [True, False, False]


# ---- against the tables ----------------------------------------------------------------------------------------------


@pytest.fixture
def answers_of_a_month(store_a):
    """Twelve answers that judge an advisor and a technician; one not valid, one not applicable, one taken out."""
    advisor, technician = EmployeeFactory(store=store_a, name="顾问甲"), EmployeeFactory(store=store_a, name="技师乙")
    rows = []
    for number in range(12):
        marks = {"reception": 7 + number % 4, "fixed_first_time": None if number == 3 else 10 - number % 3}
        answers = short_answers(9, **marks)
        if number == 5:
            answers = answers[1:3]
        order = order_of(store_a, advisor=advisor, technician=technician)
        rows.append(respond(store_a, order=order, answers=answers, code="CSI_SHORT"))
    actions.exclude_response(rows[-1].pk, reason="抽检", by=advisor, at=NOON)
    return rows


def draft_with(store, weights) -> QuestionnaireVersion:
    """A draft of the short form with other factor weights; items not named are left out."""
    model = current_version("CSI_SHORT", store.pk)
    version = QuestionnaireVersion.objects.create(questionnaire=model.questionnaire, number=model.number + 1)
    for one in model.questions.all():
        weight = weights.get(one.code)
        if one.factor is not None and weight is None:
            continue
        factor = weight and version.factors.create(
            code=one.factor.code, weight=weight, position=one.position, label_zh=one.factor.label_zh,
            label_en=one.factor.label_en,
        )  # fmt: skip
        Question.objects.create(
            version=version, factor=factor or None, code=one.code, kind=one.kind, weight=weight or 0,
            position=one.position, attribution=one.attribution, is_required=one.is_required, label_zh=one.label_zh,
            label_en=one.label_en,
        )  # fmt: skip
    return trial.loaded(version.pk)


def compared(store, version):
    return reading.compare(reading.responses(version, store.pk, MONTH.start, MONTH.last), version)


@pytest.mark.django_db
def test_under_the_same_version_everything_is_exactly_as_stored(store_a, answers_of_a_month):
    found = compared(store_a, current_version("CSI_SHORT", store_a.pk))
    scope = Scope.of_month([store_a.pk], MONTH, kind="service")
    assert (found.responses, found.both, found.gained, found.lost) == (11, 10, 0, 0)
    pairs = [found.index, *found.factors.values(), *found.people.values()]
    assert [pair.stored for pair in pairs] == [pair.anew for pair in pairs]
    assert {code: pair.anew.mean for code, pair in found.factors.items()} == {
        code: mean for (code, _month), mean in queries.factors_by_month(scope).items()
    }
    assert {pk: pair.anew.mean for pk, pair in found.people.items()} == {
        line.employee.pk: line.now for line in queries.employees(scope)
    }
    if connection.vendor == "postgresql":  # SQLite adds in floats
        assert found.index.anew.mean == queries.INDEX.of(scope)


@pytest.mark.django_db
def test_under_other_weights_each_response_equals_a_fresh_evaluation(store_a, answers_of_a_month):
    version = draft_with(store_a, dict(zip(SHORT, (10, 10, 60, 10, 10), strict=True)))
    found = compared(store_a, version)
    scores = []
    for row in answers_of_a_month[:-1]:
        givens = [rules.Given(one.question.code, one.state, one.value) for one in row.answers.all()]
        again = rules.evaluate(items_of(version), givens)
        if again.is_valid:
            scores.append(again.score.quantize(Decimal("0.0001")))
    assert found.index.anew.n == len(scores)
    assert found.index.anew.mean.value == pytest.approx(sum(scores) / len(scores), abs=Decimal("0.0001"))
    assert found.index.anew.total != found.index.stored.total


@pytest.mark.django_db
def test_reading_in_portions_changes_nothing(store_a, answers_of_a_month, monkeypatch):
    version = current_version("CSI_SHORT", store_a.pk)
    at_once = trial.told(compared(store_a, version))
    monkeypatch.setattr(reading, "PORTION", 2)
    assert trial.told(compared(store_a, version)) == at_once


@pytest.mark.django_db
def test_what_is_kept_is_read_back_as_it_was(store_a, answers_of_a_month):
    found = compared(store_a, current_version("CSI_SHORT", store_a.pk))
    kept = trial.told(found)
    assert trial.move_from(kept["index"]) == whatif.Move("", found.index.stored.mean, found.index.anew.mean)


# ---- the page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)


def asked(under, **more):
    return f"{PAGE}?{urlencode({'version': under.pk, 'month': MONTH, 'span': 1} | more)}"


@pytest.mark.django_db
def test_the_page_tries_a_draft_and_changes_nothing(as_, manager_a, answers_of_a_month, today):
    version = draft_with(manager_a.store, dict(zip(SHORT, (10, 10, 60, 10, 10), strict=True)))
    client = as_(manager_a)
    with unchanged():
        text = client.get(asked(version)).content.decode()
    assert "试算，不改变任何成绩" in text
    assert "顾问甲" in text
    assert "技师乙" in text


@pytest.mark.django_db
def test_items_that_the_other_version_lacks_are_named(as_, manager_a, answers_of_a_month, today):
    version = draft_with(manager_a.store, {"reception": 50, "on_time": 50})
    text = as_(manager_a).get(asked(version)).content.decode()
    label = Question.objects.filter(code="charges_transparent").first().label_zh
    assert f"{label} (" in text.split("未参与试算的题目")[1].split("</div>")[0]


@pytest.mark.django_db
def test_many_responses_become_a_job_whose_result_is_kept(as_, manager_a, answers_of_a_month, today, monkeypatch):
    monkeypatch.setattr(trial, "AT_ONCE", 3)
    version, client = current_version("CSI_SHORT", manager_a.store.pk), as_(manager_a)
    assert "顾问甲" not in client.get(asked(version)).content.decode()
    for _ in range(2):
        client.post(asked(version))
    job = Job.objects.get(kind=trial.KIND)
    assert job.store == manager_a.store
    told = trial.recompute(job, _Run())
    Job.objects.filter(pk=job.pk).update(state="done", result=told, ended_at=NOON)
    assert "顾问甲" in client.get(asked(version)).content.decode()
    respond(manager_a.store)
    assert "顾问甲" not in client.get(asked(version)).content.decode(), "a new response asks anew"


class _Run:
    """A run that only listens."""

    def progress(self, done, total, stage=""):
        assert done <= total


@pytest.mark.django_db
@pytest.mark.parametrize("more", [{"version": 0}, {"month": "2026-13"}, {"span": 13}, {"store": 0}])
def test_what_is_not_offered_is_404(as_, manager_a, today, more):
    version = current_version("CSI_SHORT", manager_a.store.pk)
    assert as_(manager_a).get(asked(version, **more)).status_code == 404


@pytest.mark.django_db
def test_another_stores_questionnaire_and_responses_are_out_of_reach(as_, manager_a, stranger_b, today):
    own = Questionnaire.objects.create(store=manager_a.store, code="OWN", kind="service", label_zh="自", label_en="Own")
    version = QuestionnaireVersion.objects.create(questionnaire=own, number=1)
    assert as_(manager_a).get(asked(version)).status_code == 200
    assert as_(stranger_b).get(asked(version)).status_code == 404
    shared = current_version("CSI_SHORT", manager_a.store.pk)
    assert as_(stranger_b).get(asked(shared, store=manager_a.store.pk)).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("store", ["a", "b"])
def test_a_stores_own_questionnaire_is_tried_on_its_store(as_, director_a, store_a, store_b, today, store):
    MembershipFactory(user=director_a.user, store=store_b, role=Role.DIRECTOR)
    own = Questionnaire.objects.create(store=store_b, code="OWN", kind="service", label_zh="自", label_en="Own")
    version = QuestionnaireVersion.objects.create(questionnaire=own, number=1)
    chosen = {"a": store_a, "b": store_b}[store]
    answer = as_(director_a).get(asked(version, store=chosen.pk))
    assert (answer.status_code, answer.context["asked"].store) == (200, store_b)


@pytest.mark.django_db
def test_a_draft_is_offered_first(as_, manager_a, today):
    own = Questionnaire.objects.create(store=manager_a.store, code="Z", kind="sales", label_zh="自", label_en="Own")
    draft = QuestionnaireVersion.objects.create(questionnaire=own, number=1)
    assert as_(manager_a).get(reverse("satisfaction:whatif")).context["asked"].version == draft
