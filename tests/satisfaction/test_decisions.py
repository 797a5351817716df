"""Low answers that a customer gave alone: who sees them, who decides, and what the decision causes."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from complaints.models import Complaint, Kind, State
from crm_site.accounts.models import Department, Role
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.notices.models import Notice
from satisfaction import actions
from satisfaction.models import Decision, Response
from satisfaction.queries.decisions import awaiting
from satisfaction.tasks import remind_of_decisions
from tests.cast import make_person
from tests.factories import DAY, EmployeeFactory, PostingFactory, StoreFactory
from tests.satisfaction.surveys import order_of, respond, short_answers

LATER = clock.at(DAY, 15)
URL = reverse("satisfaction:decisions")


def waiting(store, advisor=None, **marks):
    """A response of the tablet with a low answer about the service advisor, unless told otherwise."""
    marks = marks or {"reception": 4}
    order = order_of(store, advisor or EmployeeFactory(store=store))
    return respond(store, channel="tablet", answers=short_answers(9, **marks), decision="pending", order=order)


def decide(response, by, decision="settled", reason="当面道歉，送一次洗车"):
    return actions.decide(response.pk, decision=decision, reason=reason, by=by.employee, at=LATER)


def test_a_decision_can_be_put_off_only_where_the_customer_answered_alone(store_a):
    assert waiting(store_a).decision == Decision.PENDING
    with pytest.raises(RuleBroken) as refused:
        respond(store_a, channel="phone", answers=short_answers(9, reception=4), decision="pending")
    assert refused.value.code == "decision"


@pytest.mark.parametrize(("decision", "kind", "state"), [
    ("settled", Kind.GRIEVANCE, State.CLOSED),
    ("grievance", Kind.GRIEVANCE, State.REGISTERED),
    ("complaint", Kind.COMPLAINT, State.REGISTERED),
])  # fmt: skip
def test_a_decision_opens_the_ticket_that_it_asks_for(manager_a, store_a, decision, kind, state):
    response = waiting(store_a)
    decide(response, manager_a, decision)
    ticket = Complaint.objects.get()
    assert (ticket.kind, ticket.state, ticket.origin_id) == (kind, state, response.pk)
    assert ticket.words == "等得太久"
    assert ticket.received_at == response.answered_at
    response.refresh_from_db()
    assert (response.decision, response.decided_by, response.decided_at) == (decision, manager_a.employee, LATER)


def test_what_is_not_pursued_opens_no_ticket_and_needs_its_reason(manager_a, store_a):
    response = waiting(store_a)
    with pytest.raises(RuleBroken) as refused:
        decide(response, manager_a, "waived", reason=" ")
    assert refused.value.field == "reason"
    decide(response, manager_a, "waived", reason="客户说小事不用处理")
    assert not Complaint.objects.exists()


def test_the_second_to_decide_is_told_who_was_first(manager_a, specialist_a, store_a):
    response = waiting(store_a)
    decide(response, manager_a, "complaint")
    with pytest.raises(RuleBroken) as refused:
        decide(response, specialist_a, "waived")
    assert refused.value.code == "decided"
    assert manager_a.employee.name in refused.value.message
    assert Complaint.objects.count() == 1


def test_the_same_click_twice_decides_once(manager_a, store_a):
    response = waiting(store_a)
    decide(response, manager_a, "grievance")
    decide(response, manager_a, "grievance")
    assert Complaint.objects.count() == 1


def test_nobody_settles_or_waives_what_judges_their_own_work(head_a, store_a):
    response = waiting(store_a, advisor=head_a.employee)
    for decision in ("settled", "waived"):
        with pytest.raises(RuleBroken) as refused:
            decide(response, head_a, decision)
        assert refused.value.code == "own"
    decide(response, head_a, "complaint")
    assert Complaint.objects.get().accused == head_a.employee


def test_a_refused_ticket_leaves_the_answers_undecided(manager_a, store_a, monkeypatch):
    response = waiting(store_a)

    def refuse(*_args, **_more):
        raise RuleBroken("no")

    monkeypatch.setattr("revisits.actions.low_answers.complaints.open_ticket", refuse)
    with pytest.raises(RuleBroken):
        decide(response, manager_a, "complaint")
    response.refresh_from_db()
    assert response.decision == Decision.PENDING


def test_each_sees_what_they_may_decide(manager_a, specialist_a, head_a, director_a, stranger_b, store_a):
    of_service, of_workshop = waiting(store_a), waiting(store_a, fixed_first_time=3)
    seen = {person.role: set(awaiting(person.user)) for person in (manager_a, specialist_a, head_a, director_a)}
    both = {of_service, of_workshop}
    assert seen == {Role.MANAGER: both, Role.SPECIALIST: both, Role.HEAD: {of_service}, Role.DIRECTOR: set()}
    assert not awaiting(stranger_b.user).exists()


def test_a_head_of_two_stores_sees_each_stores_own_department(head_a, store_a):
    other = StoreFactory(code="C")
    there = make_person(other, Role.HEAD, "同一人")
    there.employee.postings.update(department=Department.WORKSHOP)
    there.employee.user = head_a.user
    there.employee.save(update_fields=["user"])
    head_a.user.memberships.create(store=other, role=Role.HEAD)
    waiting(other), waiting(store_a, fixed_first_time=3)  # neither department is his there
    mine = {waiting(store_a), waiting(other, fixed_first_time=3)}
    user = type(head_a.user).objects.get(pk=head_a.user.pk)
    assert set(awaiting(user)) == mine


def test_the_pages_list_and_decide(as_, manager_a, store_a):
    response = waiting(store_a)
    client = as_(manager_a)
    page = client.get(URL).content.decode()
    assert response.customer.name in page
    assert "等得太久" in page
    one = reverse("satisfaction:decide", args=[response.pk])
    assert client.get(one).status_code == 200
    refused = client.post(one, {"decision": "waived", "reason": ""})
    assert refused.status_code == 422
    assert client.post(one, {"decision": "grievance", "reason": ""}).status_code == 302
    assert "没有待处理的低分" in client.get(URL).content.decode()
    told = client.post(one, {"decision": "waived", "reason": "不追究"}, follow=True)
    assert manager_a.employee.name in told.content.decode()
    assert Response.objects.get().decision == "grievance"


def test_words_are_shown_without_the_numbers_in_them(as_, manager_a, store_a):
    response = waiting(store_a)
    response.answers.filter(is_low=True).update(reason="请打13812345678，车牌渝A12345")
    page = as_(manager_a).get(URL).content.decode()
    assert "138****5678" in page
    assert "13812345678" not in page
    assert "渝A12345" not in page


def test_the_home_page_counts_what_the_list_shows(as_, manager_a, head_a, store_a):
    waiting(store_a), waiting(store_a, fixed_first_time=3)
    for person, number in ((manager_a, 2), (head_a, 1)):
        page = as_(person).get(reverse("dashboard:home"))
        tiles = [tile for block in page.context["blocks"] for tile in block.tiles if tile.url == URL]
        assert [tile.value for tile in tiles] == [number]


def test_query_counts_do_not_grow(as_, manager_a, store_a, django_assert_max_num_queries):
    client = as_(manager_a)
    for _each in range(3):
        waiting(store_a)
    with django_assert_max_num_queries(60) as few:
        client.get(URL)
    for _each in range(9):
        waiting(store_a)
    with django_assert_max_num_queries(len(few)):
        client.get(URL)


def test_what_waits_for_a_day_is_told_once(manager_a, head_a, store_a, monkeypatch):
    PostingFactory(employee=EmployeeFactory(store=store_a))
    response = waiting(store_a)
    monkeypatch.setattr("satisfaction.tasks.clock.now", lambda: response.answered_at + timedelta(hours=23))
    assert remind_of_decisions() == 0
    monkeypatch.setattr("satisfaction.tasks.clock.now", lambda: response.answered_at + timedelta(hours=25))
    remind_of_decisions()
    remind_of_decisions()
    told = Notice.objects.filter(code="decision.waits").values_list("user", flat=True)
    assert sorted(told) == sorted([manager_a.user.pk, head_a.user.pk])


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_refused(manager_a, specialist_a, store_a, reference):
    response, outcomes = waiting(store_a), []

    def run(person, decision):
        try:
            decide(response, person, decision)
            outcomes.append("done")
        except RuleBroken as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(manager_a, "complaint")),
        threading.Thread(target=run, args=(specialist_a, "grievance")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided", "done"]
    assert Complaint.objects.count() == 1
