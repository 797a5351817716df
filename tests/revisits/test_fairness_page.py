"""The page of fairness: what it compares, what it opens, and what one click draws."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from crm_site.core import clock
from revisits.models import CallAttempt, CallResult, Inspection
from revisits.queries import fairness as queries
from revisits.rules import fairness as rules
from satisfaction.models import Answer, Response
from tests.factories import DAY, NOON
from tests.revisits.conftest import make_task
from tests.satisfaction.surveys import respond

pytestmark = pytest.mark.django_db

PAGE = reverse("revisits:fairness") + f"?month={DAY:%Y-%m}"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("crm_site.core.clock.today", lambda: DAY)


@pytest.fixture
def calls(store_a):
    """calls(person, scores, seconds=200) -> scored calls of DAY, one after another; one response is copied."""
    pattern = respond(store_a)
    answers, done = list(pattern.answers.all()), CallResult.objects.get(store=None, code="SUCCESS")
    task = make_task(store_a)

    def make(person, scores, seconds=200):
        made = []
        for number, score in enumerate(scores):
            response = Response.objects.get(pk=pattern.pk)
            response.pk, response.submission, response.score = None, uuid.uuid4(), Decimal(score)
            response.is_valid, response.called_on = True, DAY
            response.save(force_insert=True)
            for answer in answers:
                answer.pk, answer.response = None, response
            Answer.objects.bulk_create(answers)
            began = NOON + timedelta(minutes=5 * number)
            made.append(CallAttempt(
                store=store_a, revisit=task, by=person.employee, started_at=began, called_on=DAY, result=done,
                ended_at=began + timedelta(seconds=seconds), response=response, submission=uuid.uuid4(),
            ))  # fmt: skip
        return CallAttempt.objects.bulk_create(made)

    return make


MIXED = [70, 80, 90, 100, 95, 85] * 5


def found(check, person):
    rows = queries.checked(queries.samples([person.store.pk], DAY, DAY))
    return next(row for row in rows if (row.check, row.caller_id) == (check, person.employee.pk))


def test_like_callers_raise_no_alarm(as_, manager_a, specialist_a, specialist_a2, calls):
    calls(specialist_a, MIXED)
    calls(specialist_a2, MIXED)
    answer = as_(manager_a).get(PAGE)
    assert answer.context["alarms"] == 0
    assert answer.content.decode().count("未见异常") == 6


def test_only_full_marks_raise_an_alarm_whose_calls_one_click_draws(as_, manager_a, specialist_a, specialist_a2, calls):
    own = calls(specialist_a, [*MIXED[:10], *[100] * 19])
    calls(specialist_a2, MIXED)
    row = found(rules.ALL_TENS, specialist_a)
    assert row.finding.alarm
    assert row.calls == tuple(one.pk for one in own[9:])
    client = as_(manager_a)
    told = client.get(PAGE)
    one = next(one for group in told.context["groups"] for one in group["rows"] if one["alarm"] and one["url"])
    assert client.get(one["url"]).status_code == 200
    client.post(next(
        line["draw_url"] for group in told.context["groups"] for line in group["rows"] if line["row"] == row
    ))  # fmt: skip
    assert set(Inspection.objects.values_list("attempt", flat=True)) == set(row.calls)
    assert set(Inspection.objects.values_list("drawn_for", flat=True)) == {"by_hand"}


def test_calls_in_which_nobody_can_have_asked_so_much_are_found(specialist_a, specialist_a2, calls):
    calls(specialist_a, MIXED, seconds=20)
    calls(specialist_a2, MIXED)
    row = found(rules.TOO_SHORT, specialist_a)
    assert (row.finding.own, row.finding.others, row.finding.alarm) == (1.0, 0.0, True)
    assert len(row.calls) == len(MIXED)


def test_higher_scores_than_all_others_are_found(specialist_a, specialist_a2, calls):
    calls(specialist_a, [98] * 30)
    calls(specialist_a2, MIXED)
    assert found(rules.DRIFT, specialist_a).finding.alarm


def test_with_too_few_calls_nothing_is_said(as_, manager_a, specialist_a, specialist_a2, calls):
    calls(specialist_a, [100] * (rules.ENOUGH - 1))
    calls(specialist_a2, MIXED)
    assert found(rules.ALL_TENS, specialist_a).finding is None
    assert "样本不足" in as_(manager_a).get(PAGE).content.decode()


def test_answers_that_left_the_scores_are_left_out(specialist_a, calls):
    made = calls(specialist_a, MIXED)
    Response.objects.filter(pk=made[0].response_id).update(excluded_at=clock.now(), excluded_reason="虚假")
    assert found(rules.DRIFT, specialist_a).n == len(MIXED) - 1


def test_the_rate_is_shared_by_all_comparisons(specialist_a, specialist_a2, calls):
    calls(specialist_a, MIXED)
    calls(specialist_a2, MIXED)
    assert found(rules.DRIFT, specialist_a).comparisons == 2


def test_only_a_manager_reads_it(as_, specialist_a, director_a, manager_a):
    codes = [as_(person).get(PAGE).status_code for person in (specialist_a, director_a, manager_a)]
    assert codes == [403, 403, 200]


def test_more_calls_cost_no_more_queries(
    as_, manager_a, specialist_a, specialist_a2, calls, django_assert_max_num_queries
):
    client = as_(manager_a)
    calls(specialist_a, MIXED[:3])
    with django_assert_max_num_queries(200) as few:
        client.get(PAGE)
    calls(specialist_a2, MIXED)
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(PAGE)
