"""What does not count: taken out and put back with a reason, and why a response is not valid."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.audit.models import Entry
from crm_site.core.dates import month_of
from crm_site.core.errors import RuleBroken
from crm_site.core.figures import Scope
from satisfaction import actions, queries, rules
from satisfaction.queries import integrity
from satisfaction.rules.validity import LITTLE_ANSWERED, LITTLE_APPLIES, MISSING, lacks
from tests.factories import DAY, NOON, EmployeeFactory
from tests.fingerprint import unchanged
from tests.satisfaction.surveys import SHORT, given, respond, short_answers

pytestmark = pytest.mark.django_db

PAGE = reverse("satisfaction:not_counted")
MONTH = month_of(DAY)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)


def index_of(store):
    return queries.INDEX.of(Scope.of_month([store.pk], MONTH, kind="service"))


# ---- taken out and put back ------------------------------------------------------------------------------------------


def test_taken_out_and_put_back_every_figure_is_as_before(store_a, manager_a):
    responses = [respond(store_a, answers=short_answers(mark)) for mark in (9, 8, 10)]
    before = index_of(store_a)
    actions.exclude_response(responses[0].pk, reason="抽检确认未拨打", by=manager_a.employee, at=NOON)
    assert index_of(store_a).n == 2
    back = actions.include_response(responses[0].pk, reason="核实为真", by=manager_a.employee, at=NOON)
    assert (back.excluded_at, back.excluded_reason) == (None, "")
    assert index_of(store_a) == before
    entry = Entry.objects.get(action="response.included")
    assert (entry.actor_name, entry.detail["reason"]) == (manager_a.employee.audit_name, "核实为真")


@pytest.mark.parametrize(("is_out", "reason", "code"), [(True, " ", "reason"), (False, "核实", "counts")])
def test_putting_back_wants_a_reason_and_something_taken_out(store_a, manager_a, is_out, reason, code):
    response = respond(store_a)
    if is_out:
        actions.exclude_response(response.pk, reason="抽检", by=manager_a.employee, at=NOON)
    with unchanged(), pytest.raises(RuleBroken) as refused:
        actions.include_response(response.pk, reason=reason, by=manager_a.employee, at=NOON)
    assert refused.value.code == code


def test_the_list_says_who_took_what_out_and_why(as_, manager_a):
    response = respond(manager_a.store)
    respond(manager_a.store)
    actions.exclude_response(response.pk, reason="客户称没有接到电话", by=manager_a.employee, at=NOON)
    text = as_(manager_a).get(PAGE, {"month": str(MONTH)}).content.decode()
    assert "客户称没有接到电话" in text
    assert manager_a.employee.name in text
    assert text.count(f"/responses/{response.pk}/") == 1
    assert text.count('class="cell"') == 1
    assert 'class="cell"' not in as_(manager_a).get(PAGE, {"month": str(MONTH.shift(-1))}).content.decode()


def test_the_response_offers_to_put_it_back_and_does(as_, manager_a):
    response = respond(manager_a.store)
    client, page = as_(manager_a), reverse("satisfaction:response", args=[response.pk])
    include = reverse("satisfaction:include", args=[response.pk])
    assert include not in client.get(page).content.decode()
    actions.exclude_response(response.pk, reason="抽检", by=manager_a.employee, at=NOON)
    assert include in client.get(page).content.decode()
    client.post(include, {"reason": "核实为真"})
    response.refresh_from_db()
    assert response.excluded_at is None


def test_a_director_reads_the_list_and_cannot_put_back(as_, director_a, manager_a):
    response = respond(director_a.store)
    actions.exclude_response(response.pk, reason="抽检", by=manager_a.employee, at=NOON)
    client = as_(director_a)
    assert client.get(PAGE, {"month": str(MONTH)}).status_code == 200
    with unchanged():
        assert client.post(reverse("satisfaction:include", args=[response.pk]), {"reason": "x"}).status_code == 403


def test_the_list_asks_as_often_for_thirty_as_for_three(as_, manager_a, django_assert_max_num_queries):
    def fill(count):
        for _ in range(count):
            respond(manager_a.store, answers=[given("reception", 9)])

    client, by = as_(manager_a), {"month": str(MONTH), "what": "invalid"}
    fill(3)
    client.get(PAGE, by)
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE, by)
    fill(27)
    with django_assert_max_num_queries(len(few)):
        client.get(PAGE, by)


# ---- why not valid ---------------------------------------------------------------------------------------------------

ITEMS = [rules.Item(code, "score", Decimal(20), code, Decimal(20)) for code in SHORT] + [
    rules.Item("overall", "overall", is_required=True)
]
GIVEN = dict.fromkeys([*SHORT, "overall"], rules.GIVEN)


@pytest.mark.parametrize(
    ("answered", "applicable", "missing", "codes"),
    [
        (100, 100, [], []),
        (60, 100, [], []),
        ("59.99", 100, [], [LITTLE_ANSWERED]),
        (40, 40, [], []),
        ("39.99", "39.99", [], [LITTLE_APPLIES]),
        (10, 30, [], [LITTLE_APPLIES, LITTLE_ANSWERED]),
        (100, 100, ["overall"], [MISSING]),
        (10, 30, ["overall"], [LITTLE_APPLIES, LITTLE_ANSWERED, MISSING]),
    ],
)
def test_every_reason_why_a_response_is_not_valid_is_named(answered, applicable, missing, codes):
    states = {code: state for code, state in GIVEN.items() if code not in missing}
    found = lacks(ITEMS, states, Decimal(answered), Decimal(applicable))
    assert [lack.code for lack in found] == codes
    assert [lack.questions for lack in found if lack.code == MISSING] == ([("overall",)] if missing else [])


SOME = [
    short_answers(9),
    short_answers(None),
    short_answers(None, reception=9, overall=9),
    [given(code, 9) for code in SHORT],
    [given("overall", 9), given("reception", 9)],
    [given("overall", 9), *(given(code, 9) for code in SHORT[:3])],
]


@pytest.mark.parametrize("answers", SOME)
def test_a_response_is_invalid_exactly_when_a_reason_is_found(store_a, answers):
    row = respond(store_a, answers=answers)
    again = integrity.with_answers(type(row).objects.filter(pk=row.pk)).get()
    # a response without any score is not valid either, and then too little was answered or applies
    assert again.is_valid == (not integrity.why_invalid(again))


def test_the_page_of_invalid_responses_says_why_in_words(as_, manager_a):
    respond(manager_a.store, answers=[given("reception", 9)], by=EmployeeFactory(store=manager_a.store))
    text = as_(manager_a).get(PAGE, {"month": str(MONTH), "what": "invalid"}).content.decode()
    assert "总体满意度" in text
    assert "100" in text
    assert as_(manager_a).get(PAGE, {"what": "other"}).status_code == 404
