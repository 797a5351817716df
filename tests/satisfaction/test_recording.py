"""Recording a response: what is stored, whom it judges, what is refused, and that a second click changes nothing."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D
from threading import Barrier

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from satisfaction import actions, rules
from satisfaction.defaults.trees import TREES
from satisfaction.models import Answer, EmployeeScore, FactorScore, Questionnaire, QuestionnaireVersion, Response
from satisfaction.queries import current_version, items_of
from tests.factories import DAY, NOON, EmployeeFactory
from tests.satisfaction.surveys import delivery_of, given, order_of, respond, short_answers

pytestmark = pytest.mark.django_db


def test_every_default_questionnaire_is_published_once(store_a):
    for tree in TREES:
        version = current_version(tree.code, store_a.pk)
        assert (version.number, version.state) == (1, "published")
    call_command("install_defaults", verbosity=0)
    assert QuestionnaireVersion.objects.count() == len(TREES)


@pytest.mark.parametrize("code", ["SSI", "CSI", "CSI_SHORT", "CMP_CFM"])
def test_the_weights_of_every_scored_default_tree_sum_to_exactly_100(store_a, code):
    version = current_version(code, store_a.pk)
    assert rules.weight_problems(items_of(version), {one.code: one.weight for one in version.factors.all()}) == []


def test_the_score_is_stored_with_the_response(store_a):
    response = respond(store_a, answers=short_answers(9, reception=6, overall=8))
    stored = Response.objects.get(pk=response.pk)
    assert stored.score == D("79.5")  # 90×65 + 60×35
    assert (stored.is_valid, stored.low_count, stored.decision) == (True, 1, "settled")
    assert stored.called_on == DAY
    assert {one.factor.code: one.score for one in stored.factor_scores.all()}["process"] == 60


def test_a_call_just_before_midnight_belongs_to_that_business_day(store_a):
    late = actions.record_response(
        current_version("CSI_SHORT", store_a.pk), store_id=store_a.pk, customer=None, vehicle=None,
        asked_by=EmployeeFactory(store=store_a), channel="phone", at=clock.at(DAY, 23, 59), answers=short_answers(),
        submission=uuid.uuid4(),
    )  # fmt: skip
    assert late.called_on == DAY


def test_service_items_judge_the_advisor_and_the_technicians(store_a):
    advisor, technician = EmployeeFactory(store=store_a), EmployeeFactory(store=store_a)
    response = respond(
        store_a,
        order=order_of(store_a, advisor, technician),
        answers=short_answers(9, reception=8, charges_transparent=10, fixed_first_time=5),
    )
    scores = {one.employee: one for one in response.employee_scores.all()}
    assert scores[advisor].score == D("86")  # (80×35 + 100×15) / 50
    assert (scores[technician].score, scores[technician].low_count) == (D(50), 1)
    answer = Answer.objects.get(response=response, question__code="fixed_first_time")
    assert (answer.department, answer.reason) == ("workshop", "等得太久")
    assert Answer.objects.get(response=response, question__code="on_time").department == "service"


def test_a_technician_of_two_trades_is_judged_once(store_a):
    technician = EmployeeFactory(store=store_a)
    order = order_of(store_a, technician=technician)
    order.technicians.create(store=store_a, trade="paint", technician=technician, technician_name=technician.name)
    assert respond(store_a, order=order).employee_scores.get().employee == technician


def test_delivery_items_judge_the_delivery_specialist_else_the_consultant(store_a):
    consultant, specialist = EmployeeFactory(store=store_a), EmployeeFactory(store=store_a)
    answers = [given("manner", 10), given("on_time", 5, "晚了一小时"), given("overall", 9)]
    both = respond(store_a, code="SSI", delivery=delivery_of(store_a, consultant, specialist), answers=answers)
    assert {one.employee: one.score for one in both.employee_scores.all()} == {consultant: 100, specialist: 50}
    alone = respond(store_a, code="SSI", delivery=delivery_of(store_a, consultant), answers=answers)
    only = alone.employee_scores.get()
    assert only.employee == consultant
    assert abs(only.score - D(100 * 8 + 50 * 7) / 15) < D("0.0001")


def test_unknown_people_are_judged_by_nobody(store_a):
    assert not EmployeeScore.objects.filter(response=respond(store_a, order=order_of(store_a))).exists()


def test_the_same_submission_again_gives_the_same_row(store_a):
    submission = uuid.uuid4()
    first = respond(store_a, submission=submission)
    again = respond(store_a, submission=submission, answers=short_answers(10))
    assert first == again
    assert Response.objects.count() == 1
    assert Entry.objects.filter(action="response.recorded").count() == 1


@pytest.mark.parametrize(
    ("answers", "code", "field"),
    [
        ([given("no_such", 5)], "unknown", "answer_no_such"),
        ([given("reception", 9), given("reception", 8)], "twice", "answer_reception"),
        ([given("reception", 11)], "scale", "answer_reception"),
        ([given("reception", 6)], "reason", "reason_reception"),
        ([given("reception", 6, "长" * 501)], "too_long", "answer_reception"),
    ],
)
def test_a_wrong_answer_is_refused_at_its_field(store_a, answers, code, field):
    with pytest.raises(RuleBroken) as refused:
        respond(store_a, answers=answers)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    ("decision", "reason", "field"),
    [("", "", "decision"), ("other", "", "decision"), ("waived", " ", "decision_reason")],
)
def test_low_answers_need_a_decision(store_a, decision, reason, field):
    with pytest.raises(RuleBroken) as refused:
        respond(store_a, answers=short_answers(5), decision=decision, decision_reason=reason)
    assert refused.value.field == field


def test_a_decision_without_a_low_answer_is_not_kept(store_a):
    response = respond(store_a, decision="complaint")
    assert (response.low_count, response.decision) == (0, "")


def test_a_confirmation_needs_all_three_items_and_its_ticket_decides(store_a):
    marks = [given("handling_manner", 9), given("handling_speed", 4, "拖了一周")]
    two = respond(store_a, code="CMP_CFM", answers=marks, decision="")
    assert (two.is_valid, two.decision) == (False, "complaint")
    three = respond(store_a, code="CMP_CFM", answers=[*marks, given("handling_result", 8)], decision="")
    assert (three.is_valid, three.score) == (True, D(90 * 30 + 40 * 30 + 80 * 40) / 100)


def test_a_car_not_repaired_after_rework_is_a_low_answer(store_a):
    technician = EmployeeFactory(store=store_a)
    response = respond(
        store_a, code="REWORK", order=order_of(store_a, technician=technician),
        answers=[given("repaired_now", 0, "还是异响")], decision="grievance",
    )  # fmt: skip
    assert (response.score, response.is_valid, response.low_count) == (None, False, 1)
    assert response.employee_scores.get().score is None


def test_an_excluded_response_leaves_the_scores(store_a):
    response, by = respond(store_a), EmployeeFactory(store=store_a)
    with pytest.raises(RuleBroken):
        actions.exclude_response(response.pk, reason=" ", by=by, at=NOON)
    actions.exclude_response(response.pk, reason="抽检确认未拨打", by=by, at=NOON)
    assert not Response.objects.valid().exists()
    with pytest.raises(RuleBroken, match="移出|already"):
        actions.exclude_response(response.pk, reason="再次", by=by, at=NOON)


def test_only_a_draft_of_exactly_100_can_be_published(store_a, manager_a):
    published = current_version("CMP_CFM", store_a.pk)
    draft = QuestionnaireVersion.objects.create(questionnaire=published.questionnaire, number=2)
    with pytest.raises(RuleBroken) as empty:
        actions.publish_version(draft.pk, by=manager_a.employee, at=NOON)
    assert empty.value.code == "empty"
    factor = draft.factors.create(code="f", weight=D("99.99"), position=1, label_zh="因子", label_en="Factor")
    question = draft.questions.create(
        factor=factor, code="q", weight=D("99.99"), position=1, label_zh="题", label_en="Item"
    )
    with pytest.raises(RuleBroken) as weights:
        actions.publish_version(draft.pk, by=manager_a.employee, at=NOON)
    assert weights.value.code == "weights"
    type(factor).objects.filter(pk=factor.pk).update(weight=100)
    type(question).objects.filter(pk=question.pk).update(weight=100)
    actions.publish_version(draft.pk, by=manager_a.employee, at=NOON)
    published.refresh_from_db()
    assert published.state == "retired"
    assert current_version("CMP_CFM", store_a.pk).number == 2
    with pytest.raises(RuleBroken, match="draft|草稿"):
        actions.publish_version(draft.pk, by=manager_a.employee, at=NOON)


def test_a_draft_is_not_asked_and_a_stores_own_tree_replaces_the_companys(store_a, store_b):
    own = Questionnaire.objects.create(store=store_a, code="CSI_SHORT", kind="service", label_zh="自", label_en="Own")
    version = QuestionnaireVersion.objects.create(questionnaire=own, number=1)
    assert current_version("CSI_SHORT", store_a.pk).questionnaire.store_id is None
    QuestionnaireVersion.objects.filter(pk=version.pk).update(state="published", published_at=NOON)
    assert current_version("CSI_SHORT", store_a.pk).questionnaire == own
    assert current_version("CSI_SHORT", store_b.pk).questionnaire.store_id is None


def test_no_published_version_is_said_in_words(store_a):
    with pytest.raises(RuleBroken, match="NOPE"):
        current_version("NOPE", store_a.pk)


def test_recomputing_finds_every_stored_score_and_names_one_that_was_touched(store_a, capsys):
    advisor = EmployeeFactory(store=store_a)
    for mark in (7, 8, 10):
        respond(store_a, order=order_of(store_a, advisor), answers=short_answers(mark, on_time=None))
    call_command("recompute_scores", "--check")
    assert "3 responses recomputed, all equal" in capsys.readouterr().out
    call_command("recompute_scores", "--check", store=store_a.code)
    touched = EmployeeScore.objects.first()
    EmployeeScore.objects.filter(pk=touched.pk).update(score=D("99"))
    with pytest.raises(CommandError, match=f"response {touched.response_id}: employee_scores"):
        call_command("recompute_scores", "--check")


TOUCHED = [
    (Response, {"score": D("12")}, "score"),
    (Response, {"is_valid": False}, "is_valid"),
    (Response, {"answered_weight": D(1)}, "answered_weight"),
    (Response, {"applicable_weight": D(99)}, "applicable_weight"),
    (FactorScore, {"score": D("12")}, "factor_scores"),
    (FactorScore, {"weight": D("12")}, "factor_scores"),
    (EmployeeScore, {"weight": D("12")}, "employee_scores"),
    (EmployeeScore, {"low_count": 3}, "employee_scores"),
    (Answer, {"normalised": D("12")}, "answers"),
    (Answer, {"weight": D("12")}, "answers"),
]


@pytest.mark.parametrize(("model", "values", "name"), TOUCHED)
def test_whatever_is_touched_afterwards_is_found(store_a, store_b, model, values, name):
    respond(store_a, order=order_of(store_a, EmployeeFactory(store=store_a)), answers=short_answers(8))
    respond(store_b)
    path = "store" if model is Response else "response__store"
    rows = model.objects.filter(**{path: store_a})
    model.objects.filter(pk=rows.first().pk).update(**values)
    with pytest.raises(CommandError, match=name):
        call_command("recompute_scores", "--check", store=store_a.code)
    call_command("recompute_scores", "--check", store=store_b.code)


def test_an_unknown_store_is_said_in_words():
    with pytest.raises(CommandError, match="NOPE"):
        call_command("recompute_scores", "--check", store="NOPE")


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reference")
def test_the_same_submission_from_two_windows_at_once_makes_one_row(store_a):
    asked_by, submission, start = EmployeeFactory(store=store_a), uuid.uuid4(), Barrier(2)

    def send(_window: int) -> int:
        start.wait(timeout=10)
        try:
            return respond(store_a, submission=submission, by=asked_by).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as windows:
        first, second = windows.map(send, range(2))
    assert first == second
    assert Response.objects.count() == 1
    assert Entry.objects.filter(action="response.recorded").count() == 1
